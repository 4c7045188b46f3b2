import Synchronization

/// Collects what a test has made and undoes it in reverse order, whatever happened in between.
public final class Fixture: Sendable {
    /// The run's stack, or the private one of ``withPrivateServers(_:_:)``.
    public let stack: TestStack.Handle
    private let cleanups = Mutex<[@Sendable () async throws -> Void]>([])

    /// A fixture that is cleaned up by hand; tests use ``withFixture(_:)``.
    public init(stack: TestStack.Handle) { self.stack = stack }

    /// Has something done at the end, before all that was added earlier.
    public func atEnd(_ cleanup: @escaping @Sendable () async throws -> Void) {
        cleanups.withLock { $0.append(cleanup) }
    }

    /// An empty database, dropped at the end.
    public func database() async throws -> TestDatabase {
        let database = try await stack.database()
        atEnd { try await database.drop() }
        return database
    }

    /// A copy of a template, dropped at the end; see ``TestStack/Handle/database(template:prepare:)``.
    public func database(
        template key: String, prepare: @escaping @Sendable (_ url: String) async throws -> Void
    ) async throws -> TestDatabase {
        let database = try await stack.database(template: key, prepare: prepare)
        atEnd { try await database.drop() }
        return database
    }

    /// A virtual host, deleted at the end.
    public func vhost() async throws -> TestVirtualHost {
        let vhost = try await stack.vhost()
        atEnd { try await vhost.delete() }
        return vhost
    }

    /// A key prefix on Redis.
    public func redis() -> TestRedis { stack.redis() }

    /// Undoes everything, the last first; all of it, even if some of it fails.
    ///
    /// - Throws: the first failure.
    public func cleanUp() async throws {
        var failure: (any Error)?
        while let cleanup = cleanups.withLock({ $0.popLast() }) {
            do { try await cleanup() } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
    }
}

/// Runs a test on the run's stack and cleans up after it. The test's own error goes before one of the clean-up.
public func withFixture<Result: Sendable>(
    isolation: isolated (any Actor)? = #isolation, _ body: (Fixture) async throws -> sending Result
) async throws -> Result {
    let fixture = Fixture(stack: try await TestStack.shared())
    return try await finishing(fixture, isolation: isolation, body)
}

func finishing<Result: Sendable>(
    _ fixture: Fixture, isolation: isolated (any Actor)?, _ body: (Fixture) async throws -> sending Result
) async throws -> Result {
    let result: Result
    do {
        result = try await body(fixture)
    } catch {
        // In a task of its own: a cancelled test is cleaned up too.
        await Task.detached { try? await fixture.cleanUp() }.value
        throw error
    }
    try await Task.detached { try await fixture.cleanUp() }.value
    return result
}
