/// A call of `publish` on its way to the owning thread.
struct PublishRequest: Sendable {
    let id: UInt64
    let messages: [RabbitMQMessage]
    let deadline: MonotonicTime
    let continuation: CheckedContinuation<[PublishOutcome], any Error>
}

/// A call of `publish` that is not answered yet. Touched by the owning thread only.
final class OpenPublish {
    let request: PublishRequest
    /// How many of its messages have been handed to the library.
    private(set) var sent = 0
    private(set) var isFinished = false
    private var outcomes: [PublishOutcome?]
    private var unsettled: Int

    init(_ request: PublishRequest) {
        self.request = request
        outcomes = Array(repeating: nil, count: request.messages.count)
        unsettled = request.messages.count
    }

    var isWhollySent: Bool { sent == request.messages.count }

    /// Notes that the next message is being sent; returns its index.
    func sendNext() -> Int {
        defer { sent += 1 }
        return sent
    }

    /// Notes an outcome; answers the call with the last one. Returns whether it did.
    func settle(_ index: Int, _ outcome: PublishOutcome) -> Bool {
        guard !isFinished, outcomes[index] == nil else { return false }
        outcomes[index] = outcome
        unsettled -= 1
        guard unsettled == 0 else { return false }
        isFinished = true
        request.continuation.resume(returning: outcomes.compactMap(\.self))
        return true
    }

    /// Answers the call with an error.
    func fail(_ error: RabbitMQError) {
        guard !isFinished else { return }
        isFinished = true
        request.continuation.resume(throwing: error.withUnknownOutcome(sent > 0))
    }

    /// Answers the call of a cancelled task.
    func cancel() {
        guard !isFinished else { return }
        isFinished = true
        request.continuation.resume(throwing: CancellationError())
    }
}
