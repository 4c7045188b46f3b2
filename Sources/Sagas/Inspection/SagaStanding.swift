public import FoundationEssentials

/// The sagas of one coordinator in figures.
public struct SagaStanding: Sendable, Equatable {
    /// The sagas of one name.
    public struct Share: Sendable, Equatable {
        /// As in `order-placement`.
        public var name: String
        /// Those that are not over.
        public var open: Int64
        /// Those of them that wait for their decision.
        public var undecided: Int64
        public var oldestUndecidedAt: Date?
        public var stuck: Int64
        /// Those that were begun within the last minute, and what of them is decided.
        public var begun: Int64
        public var accepted: Int64
        public var refused: Int64

        public init(
            name: String, open: Int64 = 0, undecided: Int64 = 0, oldestUndecidedAt: Date? = nil, stuck: Int64 = 0,
            begun: Int64 = 0, accepted: Int64 = 0, refused: Int64 = 0
        ) {
            self.name = name
            self.open = open
            self.undecided = undecided
            self.oldestUndecidedAt = oldestUndecidedAt
            self.stuck = stuck
            self.begun = begun
            self.accepted = accepted
            self.refused = refused
        }
    }

    /// By name; one of which there is nothing to tell is left out.
    public var shares: [Share]
    /// The saga that has made no progress for the longest time; nil if none is stuck.
    public var longestStuck: SagaRecord?

    public init(shares: [Share], longestStuck: SagaRecord? = nil) {
        self.shares = shares
        self.longestStuck = longestStuck
    }
}
