public import FoundationEssentials

/// A binding that was missing: what was sent under its key meanwhile has not come to the queue.
public struct BindingLoss: Sendable, Equatable {
    public let queue: String
    /// The routing key, which is the type of the messages.
    public let type: String
    /// The time when it was last seen; nil if never by this process.
    public let lastSeen: Date?

    public init(queue: String, type: String, lastSeen: Date?) {
        self.queue = queue
        self.type = type
        self.lastSeen = lastSeen
    }
}
