/// The handling of messages of some types.
public protocol MessageHandler: Sendable {
    /// The types it takes.
    var types: Set<String> { get }

    /// The longest that a message of a type may wait, while nothing else is to be handled, to share the transaction of
    /// what comes next: for what nobody waits for. Zero by default: it is handled at once.
    func patience(for type: String) -> Duration

    /// Handles messages, in the order they arrived, in one transaction.
    ///
    /// Handling a message twice must have the effect of handling it once.
    ///
    /// - Throws: ``MessageRejection`` for a message that is not handled; anything else means "not now". If there were
    ///   several, each is then tried in a transaction of its own.
    func handle(_ messages: [Envelope], in work: UnitOfWork) async throws
}

extension MessageHandler {
    public func patience(for type: String) -> Duration { .zero }
}
