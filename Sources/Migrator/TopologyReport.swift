/// The deeds of declaring a topology.
public struct TopologyReport: Sendable, Equatable {
    /// Exchanges and queues that were not there before, in the order they were declared.
    public let created: [String]
    /// Those that were there already.
    public let existing: [String]
    /// Messages that were moved out of queues of earlier versions.
    public var moved = 0
    /// Queues of earlier versions that were empty and have been deleted.
    public var deleted: [String] = []
    /// Queues of earlier versions that are still there: processes of such a version consume them.
    public var retired: [String] = []
}

/// The parts of a topology that a broker has.
public struct TopologyStatus: Sendable, Equatable {
    /// An exchange of the topology.
    public struct Exchange: Sendable, Equatable {
        /// Its name.
        public let name: String
        /// Whether the broker has it.
        public let exists: Bool
    }

    /// A queue of the topology.
    public struct Queue: Sendable, Equatable {
        /// Its name.
        public let name: String
        /// Messages ready for delivery; nil if there is no such queue.
        public let messages: Int?
        /// Its consumers; nil if there is no such queue.
        public let consumers: Int?
    }

    /// In the order they are declared.
    public let exchanges: [Exchange]
    /// In the order they are declared.
    public let queues: [Queue]

    /// Queues of earlier versions that are still there.
    public var retired: [Queue] = []

    /// Names of what the broker does not have.
    public var missing: [String] {
        exchanges.filter { !$0.exists }.map(\.name) + queues.filter { $0.messages == nil }.map(\.name)
    }
}

/// The reason why a topology could not be declared or looked at.
public enum TopologyError: Error, Sendable {
    /// The broker has one of that name with other properties, which cannot be changed.
    case conflict(kind: String, name: String, cause: any Error)
    /// The broker could not be reached or refused.
    case broker(String, cause: any Error)
}

extension TopologyError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .conflict(let kind, let name, let cause):
            return """
                \(kind) '\(name)' is on the broker with other properties, which cannot be changed: give it a new name \
                or version, or drain and delete it: \(cause)
                """
        case .broker(let broker, let cause):
            return "broker \(broker): \(cause)"
        }
    }
}
