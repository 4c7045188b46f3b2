import DevStack
import Logging
import TestSupport

@testable import Postgres

/// A client on an empty database of the test's own, and what a test needs around it.
struct Scene: Sendable {
    let client: PostgresClient
    let configuration: PostgresConfiguration
    let fixture: Fixture

    /// Another client on the same database, closed at the end.
    func another(_ change: (inout PostgresConfiguration) -> Void = { _ in }) -> PostgresClient {
        var configuration = configuration
        change(&configuration)
        let client = PostgresClient(configuration: configuration, logger: quietLogger)
        fixture.atEnd { await client.close() }
        return client
    }

    /// How many other backends on this database are running a statement that contains the marker.
    func running(_ marker: String) async throws -> Int {
        let rows = try await client.query(
            """
            SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' \
            AND pid <> pg_backend_pid() AND position(\(marker)::text in query) > 0
            """)
        return try rows[0].decode(at: 0, as: Int.self)
    }
}

/// Runs a test with a client on an empty database; everything is closed and dropped afterwards.
func withScene(
    _ change: @escaping @Sendable (inout PostgresConfiguration) -> Void = { _ in },
    _ body: (Scene) async throws -> Void
) async throws {
    try await withFixture { fixture in
        let database = try await fixture.database()
        var configuration = try patientConfiguration(url: database.url)
        change(&configuration)
        let client = PostgresClient(configuration: configuration, logger: quietLogger)
        fixture.atEnd { await client.close() }
        try await body(Scene(client: client, configuration: configuration, fixture: fixture))
    }
}

/// A configuration whose deadlines do not pass because a machine is busy; a test whose subject they are sets its own.
private func patientConfiguration(url: String) throws -> PostgresConfiguration {
    var configuration = try PostgresConfiguration(url: url)
    configuration.connectTimeout = .seconds(60)
    configuration.poolTimeout = .seconds(60)
    configuration.statementTimeout = .seconds(120)
    configuration.lockTimeout = .seconds(120)
    configuration.idleInTransactionTimeout = .seconds(600)
    return configuration
}

/// Waits until a statement that contains the marker runs on the scene's database.
func eventuallyRunning(_ scene: Scene, _ marker: String) async throws {
    try await eventually("\(marker) is running") { try await scene.running(marker) == 1 }
}

/// For clients whose connections are lost on purpose.
let quietLogger: Logger = {
    var logger = Logger(label: "shopctl.tests")
    logger.logLevel = .critical
    return logger
}()

/// Runs the closure and returns the driver's error it throws, nil if it throws none.
func postgresError(
    isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> some Any
) async -> PostgresError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? PostgresError
    }
}

extension Scene {
    /// A client that reaches the database through a proxy; both are closed at the end.
    func throughProxy(
        _ change: (inout PostgresConfiguration) -> Void = { _ in }
    ) throws -> (PostgresClient, TCPProxy) {
        let server = fixture.stack.state.postgres
        let proxy = TCPProxy(to: server.port)
        fixture.atEnd { proxy.close() }
        var configuration = try patientConfiguration(
            url: "postgres://\(server.user):\(server.password)@127.0.0.1:\(proxy.port)/\(configuration.database)")
        change(&configuration)
        let client = PostgresClient(configuration: configuration, logger: quietLogger)
        fixture.atEnd { await client.close() }
        return (client, proxy)
    }
}
