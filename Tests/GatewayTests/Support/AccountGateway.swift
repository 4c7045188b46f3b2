import Accounts
import HTTPTypes
import Hosting
import Hummingbird
import HummingbirdCore
import Logging
import Migrator
import NIOCore
import Passwords
import Postgres
import Redis
import Synchronization
import TestSupport
import Throttling

@testable import Gateway

/// The gateway's accounts and all that stands before its routes, called in process, on a database and a corner of Redis
/// of their own.
struct AccountGateway: Sendable {
    /// An answer, with its body read.
    struct Answer: Sendable {
        let status: Int
        let headers: HTTPFields
        let body: String

        /// The member of that name, if the body is an object and the member a string or a number.
        func member(_ name: String) -> String? {
            guard case .object(let members) = try? JSONParser.parse(Array(body.utf8)) else { return nil }
            switch members[name] {
            case .string(let text), .number(let text): return text
            default: return nil
            }
        }

        var code: String? { member("code") }
    }

    struct Tokens: Sendable {
        let access: String
        let refresh: String
    }

    static let password = "correct horse"

    let configuration: PostgresConfiguration
    let database: PostgresClient
    let issuer: TokenIssuer
    private let responder: RouterResponder<GatewayContext>

    /// Runs a test with all of it and takes it down afterwards.
    ///
    /// - Parameters:
    ///   - redisAt: Another Redis than the run's, one that is away say.
    ///   - change: Sets what differs from the defaults.
    static func open(
        redisAt url: String? = nil, logger: Logger = .silent,
        _ change: (inout GatewayOptions) -> Void = { _ in },
        _ body: (AccountGateway) async throws -> Void
    ) async throws {
        var options = GatewayOptions()
        options.rateLimit = 0
        options.authRateLimit = 0
        change(&options)
        try await withFixture { [options] fixture in
            try await body(try await AccountGateway(on: fixture, redisAt: url, logger: logger, options))
        }
    }

    private init(
        on fixture: Fixture, redisAt url: String?, logger: Logger, _ options: GatewayOptions
    ) async throws {
        let url = try await Self.database(fixture, else: url)
        var postgres = try PostgresConfiguration(url: url.database)
        postgres.maximumConnections = 6
        // Tests want the servers to answer, however busy the machine is.
        postgres.connectTimeout = .seconds(60)
        postgres.poolTimeout = .seconds(60)
        postgres.lockTimeout = .seconds(120)
        postgres.statementTimeout = .seconds(120)
        let database = PostgresClient(configuration: postgres, logger: logger)
        fixture.atEnd { await database.close() }
        var configuration = try RedisConfiguration(url: url.redis)
        configuration.keyPrefix = url.prefix
        configuration.connectTimeout = .seconds(60)
        configuration.commandTimeout = .seconds(60)
        let redis = RedisClient(configuration: configuration, logger: logger)
        fixture.atEnd { await redis.close() }
        self.configuration = postgres
        self.database = database

        let keys = SigningKeys.generate()
        self.issuer = TokenIssuer(keys: keys, issuer: "shopctl", audience: "shop")
        let counters = SharedCounters(redis: redis, logger: logger)
        let accounts = UserAccounts(
            database: database, counters: counters, passwords: try Self.quickHasher(), issuer: issuer,
            options: options.accounts, logger: logger)
        var table = RouteTable()
        AuthRoutes(accounts: accounts).add(to: &table)
        MeRoute(accounts: accounts).add(to: &table)
        table.get("/api/things", .everyone) { _, _ in .json(OneMember("thing", 1)) }
        let verifier = try TokenVerifier(keys: keys.publicKeys, issuer: "shopctl", audience: "shop")
        self.responder = GatewayRouter.responder(
            table, authenticator: Authenticator(verifier: verifier),
            protection: Protection(options, counters: counters), logger: logger)
    }

    private static func quickHasher() throws -> PasswordHasher {
        PasswordHasher(
            maximumConcurrent: 2, maximumWaiting: 1000, parameters: try ScryptParameters(logN: 4, r: 1, p: 1))
    }

    private static func database(
        _ fixture: Fixture, else redis: String?
    ) async throws -> (database: String, redis: String, prefix: String) {
        let database = try await fixture.database(template: "migrated-gateway") { url in
            _ = try await MigrationRunner(
                configuration: try PostgresConfiguration(url: url), migrations: try MigrationSet.for("gateway"),
                logger: testLogger
            ).up()
        }
        let corner = fixture.redis()
        return (database.url, redis ?? corner.url, corner.keyPrefix)
    }

    /// Sends a request.
    ///
    /// - Parameters:
    ///   - token: An access token; nil for none.
    ///   - address: Where the client's end of the socket is.
    ///   - body: An object's members.
    func call(
        _ method: HTTPRequest.Method, _ path: String, token: String? = nil, from address: String = "192.0.2.1",
        headers: HTTPFields = [:], _ body: KeyValuePairs<String, String> = [:]
    ) async throws -> Answer {
        var headers = headers
        if let token { headers[.authorization] = "Bearer \(token)" }
        let members = body.map { "\"\($0.key)\":\"\($0.value)\"" }.joined(separator: ",")
        let request = Request(
            head: HTTPRequest(method: method, scheme: nil, authority: nil, path: path, headerFields: headers),
            body: RequestBody(buffer: ByteBuffer(string: body.isEmpty ? "" : "{\(members)}")))
        let response = try await responder.respond(
            to: request, context: GatewayContext(unconnected: Source(), address: address))
        return Answer(
            status: response.status.code, headers: response.headers, body: try await ReadBody.text(of: response))
    }

    /// Opens an account and returns its id.
    func signUp(_ email: String, password: String = Self.password) async throws -> Int64 {
        let answer = try await call(
            .post, "/auth/signup", ["name": "Ann", "email": email, "password": password])
        return Int64(answer.member("id") ?? "") ?? 0
    }

    func signIn(
        _ email: String, password: String = Self.password, from address: String = "192.0.2.1"
    ) async throws -> Answer {
        try await call(.post, "/auth/signin", from: address, ["email": email, "password": password])
    }

    func refresh(_ token: String?) async throws -> Answer {
        try await call(.post, "/auth/refresh", ["refresh_token": token ?? ""])
    }

    /// Signs in with the right password.
    func session(_ email: String, password: String = Self.password) async throws -> Tokens {
        let answer = try await signIn(email, password: password)
        return Tokens(access: answer.member("access_token") ?? "", refresh: answer.member("refresh_token") ?? "")
    }

    private struct Source: RequestContextSource {
        let logger = Logger.silent
    }
}

/// The text of an answer's body.
enum ReadBody {
    private final class Collector: ResponseBodyWriter, Sendable {
        private let bytes = Mutex<[UInt8]>([])

        func write(_ part: ByteBuffer) async throws { bytes.withLock { $0.append(contentsOf: part.readableBytesView) } }
        func finish(_ trailers: HTTPFields?) async throws {}
        var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }
    }

    static func text(of response: Response) async throws -> String {
        let collector = Collector()
        try await response.body.write(collector)
        return collector.text
    }
}

extension Logger {
    /// A logger that writes nothing.
    static var silent: Logger { Logger(label: "gateway") { _ in SwiftLogNoOpLogHandler() } }
}
