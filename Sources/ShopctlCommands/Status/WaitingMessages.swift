import Events
import FoundationEssentials
import RabbitMQ

/// The messages of a service that failed and wait to be tried again. Each time a saga asks anew there is a copy more.
struct WaitingMessages: Sendable, Equatable {
    /// All of them, copies included.
    let copies: Int
    /// Those with ids of their own.
    let messages: Int
    /// The longest that one of them waits.
    let delay: RetryDelay
    /// Whether all are steps of sagas: once a saga is over, its steps change nothing.
    let areSteps: Bool
    /// The reason of the latest failure of which one is told.
    var lastError: String?

    /// - Parameters:
    ///   - seen: The messages that were looked at.
    ///   - limit: The most of each queue that were.
    /// - Returns: Nil for none, or if there may be more than were seen.
    init?(_ seen: [RetriedMessage], limit: Int) {
        let counts = RetryDelay.allCases.map { delay in (delay, seen.count { $0.delay == delay }) }
        guard let longest = counts.last(where: { $0.1 > 0 })?.0, counts.allSatisfy({ $0.1 < limit }) else {
            return nil
        }
        let ids = seen.map(\.delivery.properties.messageID)
        copies = seen.count
        // One without an id is a copy of nothing that is known.
        messages = Set(ids.compactMap(\.self)).count + ids.count { $0 == nil }
        delay = longest
        areSteps = seen.allSatisfy { $0.delivery.properties.type?.hasPrefix("saga.") == true }
        lastError =
            seen.filter { $0.lastError != nil }
            .max { ($0.failedAt ?? .distantPast) < ($1.failedAt ?? .distantPast) }?.lastError
    }

    init(copies: Int, messages: Int, delay: RetryDelay, areSteps: Bool, lastError: String? = nil) {
        self.lastError = lastError
        (self.copies, self.messages, self.delay, self.areSteps) = (copies, messages, delay, areSteps)
    }

    /// `7`, or `14 copies of 7 messages`.
    var text: String {
        guard copies > messages else { return "\(copies)" }
        return "\(copies) copies of \(messages) \(messages == 1 ? "message" : "messages")"
    }
}
