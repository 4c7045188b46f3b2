/// Finds the handler of each message of a batch.
struct MessageRouter: Sendable {
    private let handlers: [any MessageHandler]
    private let indexByType: [String: Int]

    init(handlers: [any MessageHandler]) {
        self.handlers = handlers
        var index: [String: Int] = [:]
        for (position, handler) in handlers.enumerated() {
            for type in handler.types {
                precondition(index[type] == nil, "two handlers for messages of type \(type)")
                index[type] = position
            }
        }
        indexByType = index
    }

    /// The longest that messages may wait, by the types of the AMQP messages that carry them; those that may not are
    /// left out.
    static func patience(of handlers: [any MessageHandler]) -> [String: Duration] {
        var patience: [String: Duration] = [:]
        for handler in handlers {
            for type in handler.types {
                let time = handler.patience(for: type)
                guard time > .zero else { continue }
                patience[type] = time
                patience[type + MessageBatch.typeSuffix] = time
            }
        }
        return patience
    }

    /// - Throws: ``MessageRejection`` of class `unknown_type` if no handler takes the message.
    func check(_ envelope: Envelope) throws(MessageRejection) {
        guard indexByType[envelope.type] != nil else {
            throw MessageRejection(.unknownType, "no handler takes messages of type \(envelope.type)")
        }
    }

    /// Hands each handler its messages at once, in the handlers' order: locks are always taken in that order.
    func handle(_ envelopes: [Envelope], in work: UnitOfWork) async throws {
        var shares = [[Envelope]](repeating: [], count: handlers.count)
        for envelope in envelopes {
            try check(envelope)
            if let position = indexByType[envelope.type] { shares[position].append(envelope) }
        }
        // One that can bear a loss does not speak for the others of the batch.
        work.split(into: shares.count { !$0.isEmpty })
        for (handler, share) in zip(handlers, shares) where !share.isEmpty {
            try await handler.handle(share, in: work)
        }
    }
}
