import Postgres

/// The failures so far of work that is tried again, and the pause before the next try.
struct Patience {
    var backoff = Backoff(initial: .milliseconds(100), limit: .seconds(5))
    /// Failures like those of a database that is away, although it is there.
    var doubts = 0
}

/// Handles messages in transactions, and tells whose trouble a failure is.
struct MessageHandling: Sendable {
    /// So many failures like those of a database that is away, with the database there, are taken for the messages' doing.
    private static let doubtLimit = 3

    let transactor: Transactor
    let router: MessageRouter

    /// Handles messages in one transaction, and awaits the broker's word on the messages that follow from it; none for
    /// no message.
    ///
    /// A failure after the commit has the messages handled again: they must give the same answers.
    ///
    /// - Parameter statements: How long each statement of it may take: no message may hold the queue for longer.
    func commit(_ envelopes: [Envelope], statements: Duration) async throws {
        guard !envelopes.isEmpty else { return }
        try await transactor.runAwaitingPublish { work in
            try work.limitStatements(to: statements)
            try await router.handle(envelopes, in: work)
        }
    }

    /// Whether a failure says that a backend is away. A message that ends its connection, or needs more memory than there
    /// is, again and again while the database works, is itself the trouble.
    func isBackend(_ error: any Error, _ patience: inout Patience) async -> Bool {
        guard case .backend = FailureKind(error) else { return false }
        guard FailureKind.mayBeOwnMaking(error), await transactor.canWrite else { return true }
        patience.doubts += 1
        return patience.doubts < Self.doubtLimit
    }
}
