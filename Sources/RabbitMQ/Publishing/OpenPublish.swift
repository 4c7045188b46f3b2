import DriverSupport
import Synchronization

/// A call of `publish` that is not answered yet.
///
/// The owning thread sends its messages and hears their outcomes; a deadline or a cancellation may answer it at any
/// time, from any thread. Whoever answers first counts, and an answered call keeps no messages.
final class OpenPublish: Sendable {
    typealias Answer = CheckedContinuation<[PublishOutcome], any Error>

    private struct State {
        var continuation: Answer?
        var messages: [RabbitMQMessage]
        /// The number of the messages that have been handed to the library.
        var sent = 0
        var outcomes: [PublishOutcome?]
        var unsettled: Int
        /// The sign that a return of a sent message is recognised by, once the messages are let go.
        var fingerprints: [MessageFingerprint] = []
    }

    let id: UInt64
    let deadline: MonotonicTime
    /// The number of its messages.
    let count: Int
    private let state: Mutex<State>

    init(id: UInt64, messages: [RabbitMQMessage], deadline: MonotonicTime, continuation: Answer) {
        self.id = id
        self.deadline = deadline
        count = messages.count
        state = Mutex(
            State(
                continuation: continuation, messages: messages,
                outcomes: Array(repeating: nil, count: messages.count), unsettled: messages.count))
    }

    /// The number of messages that have been handed to the library.
    var sent: Int { state.withLock { $0.sent } }

    /// Whether nothing of it is left to send.
    var isDone: Bool { state.withLock { $0.continuation == nil || $0.sent == $0.messages.count } }

    // MARK: Sending

    /// Up to `count` of the messages not sent yet, and no more once they have `bytes`; none if it is answered.
    func unsent(count: Int, bytes: Int) -> [(index: Int, message: RabbitMQMessage)] {
        state.withLock { state in
            var next: [(index: Int, message: RabbitMQMessage)] = []
            var size = 0
            var index = state.sent
            while index < state.messages.count, next.count < count, size < bytes {
                next.append((index, state.messages[index]))
                size += state.messages[index].body.count
                index += 1
            }
            return next
        }
    }

    /// Notes that a message is about to be sent; false if it must not be, because the call is answered.
    func willSend(_ index: Int) -> Bool {
        state.withLock { state in
            guard state.continuation != nil else { return false }
            state.sent = index + 1
            return true
        }
    }

    /// Whether a message that the broker returned is the one with this index.
    func isReturned(_ index: Int, as returned: RabbitMQMessage) -> Bool {
        state.withLock { state in
            if index < state.messages.count { return state.messages[index].isReturned(as: returned) }
            return index < state.fingerprints.count && state.fingerprints[index] == MessageFingerprint(returned)
        }
    }

    // MARK: Answering

    /// Notes an outcome; answers the call with the last one. Returns whether it did.
    func settle(_ index: Int, _ outcome: PublishOutcome) -> Bool {
        let (continuation, outcomes) = state.withLock { state -> (Answer?, [PublishOutcome]) in
            guard state.continuation != nil, state.outcomes[index] == nil else { return (nil, []) }
            state.outcomes[index] = outcome
            state.unsettled -= 1
            guard state.unsettled == 0 else { return (nil, []) }
            defer { state.continuation = nil }
            return (state.continuation, state.outcomes.compactMap(\.self))
        }
        continuation?.resume(returning: outcomes)
        return continuation != nil
    }

    /// Answers the call with an error, made for its messages and marked with whether any of them may have been sent.
    func fail(_ error: ([RabbitMQMessage]) -> RabbitMQError) {
        end { state in error(state.messages).withUnknownOutcome(state.sent > 0) }
    }

    /// Answers the call of a cancelled task.
    func cancel() { end { _ in CancellationError() } }

    private func end(_ error: (State) -> any Error) {
        let (continuation, failure) = state.withLock { state -> (Answer?, (any Error)?) in
            guard let continuation = state.continuation else { return (nil, nil) }
            let failure = error(state)
            state.fingerprints = state.messages.prefix(state.sent).map(MessageFingerprint.init)
            state.continuation = nil
            state.messages = []
            state.outcomes = []
            return (continuation, failure)
        }
        if let failure { continuation?.resume(throwing: failure) }
    }
}

/// The sign that tells a returned message from others without keeping its body.
private struct MessageFingerprint: Equatable {
    private let exchange: String
    private let routingKey: String
    private let messageID: String?
    private let correlationID: String?
    private let bodyHash: Int

    init(_ message: RabbitMQMessage) {
        exchange = message.exchange
        routingKey = message.routingKey
        messageID = message.properties.messageID
        correlationID = message.properties.correlationID
        bodyHash = message.body.hashValue
    }
}

extension RabbitMQMessage {
    /// Whether a message that the broker returned is this one.
    fileprivate func isReturned(as returned: RabbitMQMessage) -> Bool {
        mandatory && routingKey == returned.routingKey && exchange == returned.exchange
            && properties.messageID == returned.properties.messageID
            && properties.correlationID == returned.properties.correlationID && body == returned.body
    }
}
