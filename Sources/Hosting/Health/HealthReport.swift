/// The results that a round of readiness checks has found.
public struct HealthReport: Sendable {
    /// One check's result.
    public struct Entry: Sendable {
        public var role: Role
        public var name: String
        /// Whether the role is not ready while this fails.
        public var isRequired: Bool
        /// The reason why it fails; `nil` if it passes.
        public var failure: String?
        /// The time the check took.
        public var duration: Duration

        public var isPassing: Bool { failure == nil }
    }

    /// The stage of the process's life: only a running one is ready.
    public enum Phase: String, Sendable {
        /// Its servers do not listen yet.
        case starting
        case running
        /// It is about to stop.
        case draining
    }

    public var phase: Phase
    public var entries: [Entry]

    /// Whether every role can take requests.
    public var isReady: Bool { phase == .running && entries.allSatisfy { $0.isPassing || !$0.isRequired } }

    /// Whether that role can take requests.
    public func isReady(_ role: Role) -> Bool {
        phase == .running && entries.allSatisfy { $0.role != role || $0.isPassing || !$0.isRequired }
    }
}
