import Hosting
import Logging
import Migrator
import Passwords
import Postgres
import Redis
import TestSupport
import Throttling

@testable import Accounts

/// Accounts on a database and a corner of Redis of their own.
struct TestAccounts: Sendable {
    static let password = "correct horse"

    let databaseURL: String
    let database: PostgresClient
    let redis: RedisClient
    /// What the keys in Redis begin with.
    let keyPrefix: String
    let options: AccountOptions
    let accounts: UserAccounts
    private let issuer: TokenIssuer
    private let verifier: TokenVerifier

    /// Runs a test with all of it and takes it down afterwards.
    ///
    /// - Parameters:
    ///   - isShared: Whether wrong passwords are counted in Redis; else this process counts.
    ///   - passwords: Another hasher than a quick one.
    ///   - change: Sets what differs from the defaults.
    static func open(
        isShared: Bool = true, passwords: PasswordHasher? = nil, _ change: (inout AccountOptions) -> Void = { _ in },
        _ body: (TestAccounts) async throws -> Void
    ) async throws {
        var options = AccountOptions()
        change(&options)
        try await withFixture { [options] fixture in
            try await body(try await TestAccounts(on: fixture, isShared: isShared, passwords, options))
        }
    }

    private init(
        on fixture: Fixture, isShared: Bool, _ passwords: PasswordHasher?, _ options: AccountOptions
    ) async throws {
        let place = try await fixture.database(template: "migrated-gateway") { url in
            _ = try await MigrationRunner(
                configuration: try PostgresConfiguration(url: url), migrations: try MigrationSet.for("gateway"),
                logger: testLogger
            ).up()
        }
        var postgres = try PostgresConfiguration(url: place.url)
        postgres.maximumConnections = 6
        // Tests want the servers to answer, however busy the machine is.
        postgres.connectTimeout = .seconds(60)
        postgres.poolTimeout = .seconds(60)
        postgres.lockTimeout = .seconds(120)
        postgres.statementTimeout = .seconds(120)
        let database = PostgresClient(configuration: postgres, logger: testLogger)
        fixture.atEnd { await database.close() }
        let corner = fixture.redis()
        var configuration = try RedisConfiguration(url: corner.url)
        configuration.keyPrefix = corner.keyPrefix
        configuration.connectTimeout = .seconds(60)
        configuration.commandTimeout = .seconds(60)
        let redis = RedisClient(configuration: configuration, logger: testLogger)
        fixture.atEnd { await redis.close() }
        self.databaseURL = place.url
        self.database = database
        self.redis = redis
        self.keyPrefix = corner.keyPrefix
        self.options = options
        let keys = SigningKeys.generate()
        self.issuer = TokenIssuer(keys: keys, issuer: "shopctl", audience: "shop")
        self.verifier = try TokenVerifier(keys: keys.publicKeys, issuer: "shopctl", audience: "shop")
        self.accounts = UserAccounts(
            database: database, counters: SharedCounters(redis: isShared ? redis : nil, logger: testLogger),
            passwords: try passwords ?? Self.quickHasher(), issuer: issuer, options: options, logger: testLogger)
    }

    private static func quickHasher() throws -> PasswordHasher {
        PasswordHasher(
            maximumConcurrent: 2, maximumWaiting: 1000, parameters: try ScryptParameters(logN: 4, r: 1, p: 1))
    }

    var refreshTokens: RefreshTokenStore { accounts.refreshTokens }

    /// Opens an account and returns its id.
    func signUp(_ email: String, password: String = Self.password) async throws -> Int64 {
        try await accounts.signUp(name: "Ann", email: email, password: password)
    }

    func signIn(
        _ email: String, password: String = Self.password, from address: String = "192.0.2.1"
    ) async throws -> UserAccounts.Session {
        try await accounts.signIn(email: email, password: password, from: .networks(of: address))
    }

    /// Signs in with a password that is wrong, and returns the refusal.
    func guess(_ email: String, from address: String = "192.0.2.1") async throws -> AccountError? {
        try await refusal { try await signIn(email, password: "wrong horse", from: address) }
    }

    /// Trades a refresh token for the next one.
    func refresh(_ token: String) async throws -> String {
        try await accounts.refresh(token).refreshToken
    }

    /// Changes the password of whom an access token belongs to.
    func changePassword(_ accessToken: String, from current: String = Self.password, to new: String) async throws {
        let identity = try await identity(accessToken)
        try await accounts.changePassword(
            userID: identity.subject, current: current, new: new, from: .session(identity, at: "192.0.2.1"))
    }

    /// Whose an access token is.
    func identity(_ accessToken: String) async throws -> Identity { try await verifier.verify(accessToken) }

    /// The one number that a query gives.
    func number(_ query: PostgresQuery) async throws -> Int64 {
        try await database.query(query).decode(Int64.self)[0]
    }
}

/// Why something was refused; nil if it was not.
func refusal<Result>(_ work: () async throws -> Result) async throws -> AccountError? {
    do {
        _ = try await work()
        return nil
    } catch let error as AccountError {
        return error
    }
}

extension AccountError {
    /// The seconds to wait; nil if it is another refusal than that of too many attempts.
    var wait: Int64? { if case .tooManyAttempts(let seconds) = self { seconds } else { nil } }
}
