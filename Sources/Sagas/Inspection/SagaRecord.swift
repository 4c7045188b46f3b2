public import FoundationEssentials

/// A saga's row as its coordinator has it.
public struct SagaRecord: Sendable, Equatable {
    public var id: UUID
    public var name: String
    /// Its subject, in its coordinator's terms: the id of an order or a product.
    public var subjectID: Int64
    public var phase: SagaState.Phase
    /// The reason why it is cancelled.
    public var refusal: SagaRefusal?
    /// The number of times the present phase's message has been sent again.
    public var resends: Int
    public var startedAt: Date
    public var deadlineAt: Date
    /// The time when the coordinator will do something by itself; nil when all is over.
    public var nextAttemptAt: Date?
    /// The time of its last progress, if that is too long ago.
    public var stuckSince: Date?
    public var decidedAt: Date?
    public var finishedAt: Date?
    /// The longest time without progress that is over, if it was too long.
    public var stall: Stall?
    /// The participants whose vote, or whose report after the decision, is awaited.
    public var waitsFor: [String]

    /// A time between two deeds in which a saga made no progress for too long.
    public struct Stall: Sendable, Equatable {
        public var since: Date
        public var until: Date
        /// The participants whose answer was missing; none where the coordinator itself had to go on.
        public var waitedFor: [String]
        /// Whether that was their vote; otherwise the report after the decision.
        public var isUndecided: Bool

        public init(since: Date, until: Date, waitedFor: [String], isUndecided: Bool) {
            self.since = since
            self.until = until
            self.waitedFor = waitedFor
            self.isUndecided = isUndecided
        }

        /// Seconds.
        public var length: Double { until.timeIntervalSince(since) }
    }

    public init(
        id: UUID, name: String, subjectID: Int64, phase: SagaState.Phase, refusal: SagaRefusal? = nil, resends: Int = 0,
        startedAt: Date, deadlineAt: Date, nextAttemptAt: Date? = nil, stuckSince: Date? = nil,
        decidedAt: Date? = nil, finishedAt: Date? = nil, waitsFor: [String] = []
    ) {
        self.id = id
        self.name = name
        self.subjectID = subjectID
        self.phase = phase
        self.refusal = refusal
        self.resends = resends
        self.startedAt = startedAt
        self.deadlineAt = deadlineAt
        self.nextAttemptAt = nextAttemptAt
        self.stuckSince = stuckSince
        self.decidedAt = decidedAt
        self.finishedAt = finishedAt
        self.waitsFor = waitsFor
    }
}

/// Which sagas to list.
public enum SagaFilter: Sendable, Equatable {
    /// Those that are not over.
    case open
    /// Those that make no progress.
    case stuck
    /// Those that are over, and once made no progress for as long.
    case wasStuck
    case all
    case phase(SagaState.Phase)
}
