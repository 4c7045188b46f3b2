public import FoundationEssentials

/// A binding that was missing, by itself or with its queue: what was sent under its key meanwhile has not come to it.
public struct BindingLoss: Sendable, Equatable {
    public let queue: String
    /// The routing key, which is the type of the messages.
    public let type: String
    /// The time when it was last seen; nil if never by this process.
    public let lastSeen: Date?
    /// Whether the binding is there again; more may be lost until then.
    public private(set) var isBound = false

    public init(queue: String, type: String, lastSeen: Date?) {
        self.queue = queue
        self.type = type
        self.lastSeen = lastSeen
    }

    /// The same, once the binding is there again.
    public var bound: BindingLoss {
        var copy = self
        copy.isBound = true
        return copy
    }
}
