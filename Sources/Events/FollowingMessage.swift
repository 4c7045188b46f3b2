import FoundationEssentials

/// A message that follows from rows, to be published after their commit.
struct FollowingMessage: Sendable {
    let message: OutboxMessage
    /// The time it carries; nil for that of its sending.
    let date: Date?

    /// The message as it travels.
    func envelope(from service: String) -> Envelope {
        Envelope(
            messageID: message.messageID, type: message.type, correlationID: message.correlationID,
            causationID: message.causationID, appID: service, timestamp: date ?? Date(),
            traceparent: message.traceparent, body: message.body)
    }
}
