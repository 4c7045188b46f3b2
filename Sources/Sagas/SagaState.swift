/// The coordinator's knowledge of one saga.
public struct SagaState: Sendable, Equatable, Hashable {
    /// The phases of a saga.
    public enum Phase: String, Sendable, CaseIterable {
        /// Waiting for votes.
        case trying
        /// Decided to confirm; waiting for everyone to have done so.
        case confirming
        /// Decided to cancel; waiting for everyone to have done so.
        case cancelling
        /// Over, and final.
        case confirmed
        /// Over, and taken back.
        case cancelled

        /// Whether nothing more can happen.
        public var isTerminal: Bool { self == .confirmed || self == .cancelled }
    }

    /// The coordinator's knowledge of one participant.
    public struct Participant: Sendable, Equatable, Hashable {
        /// Its vote; nil while it has not voted.
        public var vote: SagaVote?
        /// Whether it has carried the decision out.
        public var isDone: Bool

        public init(vote: SagaVote? = nil, isDone: Bool = false) {
            self.vote = vote
            self.isDone = isDone
        }
    }

    public var phase: Phase
    /// Everyone whose vote is needed, as stored when the saga started.
    public var participants: [String: Participant]
    /// The reason why it is cancelled.
    public var refusal: SagaRefusal?
    /// The number of times the present phase's message has been sent again.
    public var resends: Int
    /// Whether an operator should look: the decision is not carried out after many tries.
    public var isStuck: Bool

    /// A saga that has just started.
    public init(participants: [String]) {
        self.init(
            phase: .trying,
            participants: Dictionary(uniqueKeysWithValues: participants.map { ($0, Participant()) }))
    }

    public init(
        phase: Phase, participants: [String: Participant], refusal: SagaRefusal? = nil, resends: Int = 0,
        isStuck: Bool = false
    ) {
        self.phase = phase
        self.participants = participants
        self.refusal = refusal
        self.resends = resends
        self.isStuck = isStuck
    }
}
