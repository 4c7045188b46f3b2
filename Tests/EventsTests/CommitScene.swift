import DevStack
import Glibc
import Logging
import Postgres
import TestSupport

@testable import Events

/// A transactor that reaches its database through a proxy, and a client that reaches the same one directly.
struct CommitScene: Sendable {
    let transactor: Transactor
    let proxy: TCPProxy
    let direct: PostgresClient
    let fixture: Fixture
    let databaseName: String

    init(_ fixture: Fixture) async throws {
        self.fixture = fixture
        let database = try await fixture.database()
        databaseName = database.name
        let server = fixture.stack.state.postgres
        let proxy = TCPProxy(to: server.port)
        self.proxy = proxy
        direct = try Self.client(server, port: server.port, database.name, fixture)
        transactor = Transactor(
            database: try Self.client(server, port: proxy.port, database.name, fixture), outboxWake: Wake())
        // Before the clients are closed: they would wait for what a proxy holds.
        fixture.atEnd { proxy.close() }
        let migration = try Self.migration()
        try await direct.withConnection { session in
            try await session.execute(script: migration)
            try await session.execute(script: "CREATE TABLE work (what text NOT NULL)")
        }
    }

    /// What is committed is written down, which the private servers do not do by themselves.
    static func client(
        _ server: DevStackState.Postgres, port: Int, _ database: String, _ fixture: Fixture
    ) throws -> PostgresClient {
        let url =
            "postgres://\(server.user):\(server.password)@127.0.0.1:\(port)/\(database)"
            + "?options=-c%20synchronous_commit%3Don"
        // A busy machine is not a lost server.
        var configuration = try PostgresConfiguration(url: url)
        configuration.connectTimeout = .seconds(60)
        configuration.poolTimeout = .seconds(60)
        configuration.lockTimeout = .seconds(120)
        configuration.statementTimeout = .seconds(120)
        let client = PostgresClient(configuration: configuration, logger: lossLogger)
        fixture.atEnd { await client.close() }
        return client
    }

    /// The migration that all services have.
    private static func migration() throws -> String {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let path = "/\(root)/migrations/orders/000007_commit_marks.up.sql"
        guard let file = fopen(path, "r") else { throw NoMigration(path: path) }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    func work() async throws -> [String] {
        try await direct.query("SELECT what FROM work ORDER BY what").decode(String.self)
    }

    func marks() async throws -> Int {
        try await direct.query("SELECT FROM commit_marks").count
    }

    /// Waits until a statement that begins so waits for a lock.
    func eventuallyWaiting(on statement: String) async throws {
        try await eventually("\(statement) waits") {
            try await direct.query(
                """
                SELECT FROM pg_stat_activity
                WHERE datname = current_database() AND wait_event_type = 'Lock'
                    AND starts_with(query, \(statement))
                """
            ).count == 1
        }
    }
}

private struct NoMigration: Error {
    let path: String
}

/// For clients whose connections are lost on purpose.
private let lossLogger: Logger = {
    var logger = Logger(label: "shopctl.tests")
    logger.logLevel = .critical
    return logger
}()

/// A scene on servers of its own that may crash.
struct CrashScene: Sendable {
    let scene: CommitScene
    let stack: DevStack

    var transactor: Transactor { scene.transactor }
    var proxy: TCPProxy { scene.proxy }
    var fixture: Fixture { scene.fixture }

    /// Crashes PostgreSQL while it waits for the COMMIT that the proxy holds, gives the numbers of lost transactions to
    /// others in another database, and only then lets the client hear that its connection is gone.
    func strikeAtCommit() async throws {
        try await eventually("the COMMIT is on its way") { proxy.holds == 1 }
        proxy.pause()
        guard let postmaster = await stack.processID(of: .postgres) else { throw DevStackError.notRunning(.postgres) }
        kill(postmaster, SIGQUIT)
        try await eventually("PostgreSQL has crashed and is there again") {
            try await stack.start(.postgres)
            return await stack.processID(of: .postgres) != postmaster
        }
        let others = try await fixture.database()
        let client = try CommitScene.client(
            fixture.stack.state.postgres, port: fixture.stack.state.postgres.port, others.name, fixture)
        try await client.query("CREATE TABLE t (n int4)")
        for number in 0..<50 { try await client.query("INSERT INTO t VALUES (\(number))") }
        proxy.release()
        proxy.resume()
    }

    func work() async throws -> [String] {
        try await eventuallyValue("PostgreSQL answers") { try? await scene.work() }
    }
}

func withMarks(_ body: (CommitScene) async throws -> Void) async throws {
    try await withFixture { fixture in try await body(CommitScene(fixture)) }
}

func withCrash(_ servers: Set<ServerKind> = [.postgres], _ body: (CrashScene) async throws -> Void) async throws {
    try await withPrivateServers(servers) { servers in
        let scene = try await CommitScene(servers.fixture)
        try await body(CrashScene(scene: scene, stack: servers.stack))
    }
}
