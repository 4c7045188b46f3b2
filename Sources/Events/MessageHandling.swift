import Postgres

/// The failures so far of work that is tried again, and the pause before the next try.
struct Patience {
    var backoff = Backoff(initial: .milliseconds(100), limit: .seconds(5))
    /// Connections lost although the database is there.
    var lostConnections = 0
}

/// Handles messages in transactions, and tells whose trouble a failure is.
struct MessageHandling: Sendable {
    /// The most connections that messages may cost, with the database there, until it is taken for their doing.
    private static let lostConnectionLimit = 3

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

    /// Whether a failure says that a backend is away. A message that ends its connection, again and again while the
    /// database works, is itself the trouble.
    func isBackend(_ error: any Error, _ patience: inout Patience) async -> Bool {
        guard case .backend = FailureKind(error) else { return false }
        guard FailureKind.isLostConnection(error), await transactor.canWrite else { return true }
        patience.lostConnections += 1
        return patience.lostConnections < Self.lostConnectionLimit
    }
}
