public import FoundationEssentials

/// Facts known of a stack from outside.
public struct DevStackStatus: Codable, Sendable, Equatable {
    /// One server's condition.
    public struct Server: Codable, Sendable, Equatable {
        /// Which.
        public let server: ServerKind
        public let host: String
        public let port: Int
        /// Whether it answered a moment ago, in its own protocol.
        public let reachable: Bool
        /// Its log file.
        public let log: String
    }

    public let directory: String
    public let ephemeral: Bool
    /// The phase in the state file; `stopped` if no living process owns the stack.
    public let phase: DevStackState.Phase
    /// The owner's process id; `nil` if there is none.
    public let ownerPID: Int32?
    public let startedAt: Date
    public let servers: [Server]
    /// URLs of what the owner serves, by name.
    public let services: [String: String]

    /// Whether there is an owner and all servers answer.
    public var isHealthy: Bool { ownerPID != nil && phase == .running && servers.allSatisfy(\.reachable) }
}
