public import FoundationEssentials

/// Everything there is to know of one saga, gathered from wherever it is recorded. Some sources may have been out
/// of reach; that is a fact, too.
public struct SagaFacts: Sendable, Equatable {
    /// The service that decides, as in `orders`.
    public var coordinator: String
    public var saga: SagaRecord
    /// The coordinator's clock when it was asked.
    public var observedAt: Date
    /// The coordinator's record of everyone, in order of name.
    public var participants: [Participant]
    public var log: [LogEntry]
    /// The saga's messages in the outboxes of coordinator and participants: domain events, and all that a version
    /// without direct messages has written.
    public var outbox: [Message] = []
    /// The participants' records of their own parts.
    public var branches: [Branch] = []
    /// Services whose databases could not be asked, and why.
    public var unasked: [String: String] = [:]
    /// Those of them whose databases refuse or do not answer, and their words.
    public var databasesAway: [String: String] = [:]
    /// The reasons why services cannot do their part now, by their processes' checks.
    public var troubles: [String: String] = [:]
    /// The times in which it made no progress for too long, and which are over.
    public var stalls: [SagaRecord.Stall] = []
    /// The messages that were handled after they had failed, by whoever handled them.
    public var failures: [Failure] = []
    public var broker = Broker.unasked("it was not asked")

    public init(
        coordinator: String, saga: SagaRecord, observedAt: Date, participants: [Participant], log: [LogEntry] = []
    ) {
        self.coordinator = coordinator
        self.saga = saga
        self.observedAt = observedAt
        self.participants = participants
        self.log = log
    }

    /// One participant as the coordinator knows it.
    public struct Participant: Sendable, Equatable {
        public var name: String
        public var vote: SagaVote?
        public var votedAt: Date?
        public var voteMessageID: UUID?
        public var doneAt: Date?
        public var doneMessageID: UUID?

        public init(
            name: String, vote: SagaVote? = nil, votedAt: Date? = nil, voteMessageID: UUID? = nil,
            doneAt: Date? = nil, doneMessageID: UUID? = nil
        ) {
            self.name = name
            self.vote = vote
            self.votedAt = votedAt
            self.voteMessageID = voteMessageID
            self.doneAt = doneAt
            self.doneMessageID = doneMessageID
        }
    }

    /// Something out of the ordinary that the coordinator has noted.
    public struct LogEntry: Sendable, Equatable {
        public var at: Date
        public var event: String
        public var detail: String

        public init(at: Date, event: String, detail: String) {
            self.at = at
            self.event = event
            self.detail = detail
        }
    }

    /// A message that a service has written to its outbox, or that follows from a row of its.
    public struct Message: Sendable, Equatable {
        public var service: String
        public var id: UUID
        public var type: String
        public var writtenAt: Date
        /// The time when it was sent first; nil while the broker has not confirmed it.
        public var publishedAt: Date?
        /// The times when it was sent again because an operator wanted that.
        public var resentAt: [Date] = []
        /// The time when an operator wanted it to be sent again; nil if nobody has, or it has been since.
        public var replayedAt: Date?
        /// Whether whoever wrote it sends it at once, and has not noted yet that it has.
        public var isBeingSent = false
        /// Whether it was due again before anybody is known to have had it: whether it was sent at first, nobody knows.
        public var isUnproven = false
        public var attempts: Int
        public var lastError: String?
        public var isInOutbox: Bool

        public init(
            service: String, id: UUID, type: String, writtenAt: Date, publishedAt: Date?, attempts: Int = 0,
            lastError: String? = nil, isInOutbox: Bool = true
        ) {
            self.isInOutbox = isInOutbox
            self.service = service
            self.id = id
            self.type = type
            self.writtenAt = writtenAt
            self.publishedAt = publishedAt
            self.attempts = attempts
            self.lastError = lastError
        }
    }

    /// The failed attempts at a copy of a message of the saga: one that was handled in the end, or may yet be.
    public struct Failure: Sendable, Equatable {
        /// The service that handles it.
        public var service: String
        public var kind: SagaMessageKind
        /// The participant whose answer it is; nil for a request.
        public var sender: String?
        public var count: Int
        /// The reason of the last failure; nil if an older program has not told it.
        public var error: String?
        /// The times of the first failure and the last; nil if an older program has not told them.
        public var since: Date?
        public var lastAt: Date?
        /// The time when it was given up on, before it was sent back; nil if it never was.
        public var gaveUpAt: Date?
        public var gaveUpReason: String?
        /// Nil for one that waits to be tried again, or is a dead letter.
        public var handledAt: Date?

        public init(
            service: String, kind: SagaMessageKind, sender: String? = nil, count: Int, error: String? = nil,
            since: Date? = nil, lastAt: Date? = nil, gaveUpAt: Date? = nil, gaveUpReason: String? = nil,
            handledAt: Date?
        ) {
            self.service = service
            self.kind = kind
            self.sender = sender
            self.count = count
            self.error = error
            self.since = since
            self.lastAt = lastAt
            self.gaveUpAt = gaveUpAt
            self.gaveUpReason = gaveUpReason
            self.handledAt = handledAt
        }
    }

    /// A participant's own record of its part.
    public struct Branch: Sendable, Equatable {
        public var participant: String
        /// Nil while it is not decided.
        public var state: BranchState?
        public var createdAt: Date
        /// The time of the decision's deed, if there was one; a repeated message about it does not move it.
        public var updatedAt: Date

        public init(participant: String, state: BranchState?, createdAt: Date, updatedAt: Date) {
            self.participant = participant
            self.state = state
            // One that was tried and settled by one transaction has times of one statement, in any order.
            self.createdAt = min(createdAt, updatedAt)
            self.updatedAt = updatedAt
        }
    }
}

extension SagaFacts {
    /// The broker's word on the services' queues.
    public enum Broker: Sendable, Equatable {
        /// It was not asked, or does not answer; the text says why.
        case unasked(String)
        case unreachable(String)
        case seen([Queues], dead: [DeadMessage])
    }

    /// The queues of one service, by what is in them.
    public struct Queues: Sendable, Equatable {
        public var service: String
        /// Messages ready in the inbox; nil if there is no such queue.
        public var ready: Int?
        /// Messages of the inbox that consumers have taken and not acknowledged; nil if nobody can tell.
        public var unacknowledged: Int?
        public var consumers: Int
        /// Messages that wait in retry queues.
        public var retrying: Int
        public var dead: Int
        /// The reason why a message of the saga failed that waits in a retry queue; nil if none is known to.
        public var lastError: String?
        /// The failures of copies of the saga's messages that wait in retry queues or among the dead letters.
        public var failing: [Failure] = []

        public init(
            service: String, ready: Int?, consumers: Int, retrying: Int, dead: Int, lastError: String? = nil
        ) {
            self.lastError = lastError
            self.service = service
            self.ready = ready
            self.consumers = consumers
            self.retrying = retrying
            self.dead = dead
        }
    }

    /// A message of this saga that a service has given up on.
    public struct DeadMessage: Sendable, Equatable {
        public var service: String
        /// The service that sent it.
        public var sender: String?
        public var id: String
        public var type: String
        public var errorClass: String
        public var reason: String
        public var diedAt: Date

        public init(
            service: String, sender: String?, id: String, type: String, errorClass: String, reason: String, diedAt: Date
        ) {
            self.service = service
            self.sender = sender
            self.id = id
            self.type = type
            self.errorClass = errorClass
            self.reason = reason
            self.diedAt = diedAt
        }
    }

    /// The failures of copies that are not handled, as far as the broker was asked.
    public var pending: [Failure] {
        guard case .seen(let queues, _) = broker else { return [] }
        return queues.flatMap(\.failing)
    }

    func queues(of service: String) -> Queues? {
        guard case .seen(let queues, _) = broker else { return nil }
        return queues.first { $0.service == service }
    }

    func branch(of participant: String) -> Branch? { branches.first { $0.participant == participant } }

    /// The state of a participant's own record of its part; nil if it has none, or was not asked.
    public func branchWord(of participant: String) -> String? {
        branch(of: participant).map { $0.state?.word ?? BranchState.undecided }
    }

    /// The words for a participant's own record of its part.
    public func ownRecord(of participant: String) -> String {
        branchWord(of: participant) ?? (unasked[participant] == nil ? "nothing" : "not asked")
    }

    /// The time when a participant carried the decision out, by its own record; nil if that does not tell of it.
    public func carriedOutAt(by participant: String) -> Date? {
        guard let branch = branch(of: participant), let state = branch.state else { return nil }
        switch state {
        case .confirmed, .cancelled: return branch.updatedAt
        case .tried, .refused: return nil
        }
    }

    /// Whether a participant's part counts as carried out because an operator said so, and not by its report.
    public func isResolvedByHand(_ participant: Participant) -> Bool {
        participant.doneAt != nil && participant.doneMessageID == nil
            && log.contains {
                $0.event == "operator_resolve" && $0.detail.hasPrefix(SagaResolution.text(participant.name))
            }
    }

    /// The parts that count as carried out because an operator said so, with the participants' own records; nil if
    /// there are none.
    var resolvedByHand: String? {
        let parts = participants.filter(isResolvedByHand).map {
            "\($0.name) (its own record: \(ownRecord(of: $0.name)))"
        }
        return parts.isEmpty ? nil : parts.joined(separator: " and ")
    }

    /// Whether a participant that has accepted has no record of its part any more, though it is to make it final.
    func hasLostRecord(of name: String) -> Bool {
        saga.phase == .confirming && unasked[name] == nil && branch(of: name) == nil
            && participants.contains { $0.name == name && $0.vote == .accepted && $0.doneAt == nil }
    }

    /// The participants that have no record any more of what they have accepted, in a saga that has ended as confirmed.
    var lostRecords: [String] {
        guard saga.phase == .confirmed else { return [] }
        return participants.filter { $0.vote == .accepted && unasked[$0.name] == nil && branch(of: $0.name) == nil }
            .map(\.name)
    }

    /// The type of one of this saga's messages.
    func type(_ kind: SagaMessageKind) -> String { "saga.\(saga.name).\(kind.rawValue)" }

    /// The messages that are known not to have been sent.
    public var unsent: [Message] { messages.filter { $0.publishedAt == nil && !$0.isBeingSent } }

    /// The latest message of a kind that a service has said, or has to say.
    func message(_ kind: SagaMessageKind, of service: String) -> Message? {
        messages.last { $0.service == service && $0.type == type(kind) }
    }

    func deadMessage(_ kind: SagaMessageKind, at service: String, from sender: String) -> DeadMessage? {
        guard case .seen(_, let dead) = broker else { return nil }
        return dead.first { $0.service == service && $0.type == type(kind) && $0.sender == sender }
    }
}
