import Hosting
import Postgres
import TestSupport
import Testing

@testable import Accounts

@Suite("The answer to a COMMIT of the accounts is lost")
struct LostCommitTests {
    private let email = "ann@shop.example"

    /// Runs a body on stores whose connections are cut at the next COMMIT.
    private func withProxy(
        _ shop: TestAccounts, _ moment: TCPProxy.Moment, _ body: (UserStore, RefreshTokenStore) async throws -> Void
    ) async throws {
        // postgres://user:password@host:port/database
        let place = try #require(shop.databaseURL.split(separator: ":").last?.split(separator: "/").first)
        let port = try #require(Int(place))
        let proxy = TCPProxy(to: port)
        defer { proxy.close() }
        var configuration = try PostgresConfiguration(
            url: shop.databaseURL.replacing(":\(port)/", with: ":\(proxy.port)/"))
        configuration.maximumConnections = 4
        let client = PostgresClient(configuration: configuration, logger: testLogger)
        try await client.query("SELECT 1")
        proxy.cut(at: "COMMIT", moment)
        do {
            try await body(
                UserStore(database: client), RefreshTokenStore(database: client, lifetimes: .init(shop.options)))
        } catch {
            await client.close()
            throw error
        }
        #expect(proxy.cuts == 1)
        await client.close()
    }

    @Test("What became of a refresh is looked up", arguments: TCPProxy.Moment.both)
    func refresh(_ moment: TCPProxy.Moment) async throws {
        try await TestAccounts.open { (shop) async throws in
            let id = try await shop.signUp(email)
            let token = RefreshToken(try await shop.signIn(email).refreshToken)
            try await withProxy(shop, moment) { _, tokens in
                guard case .rotated(let userID, _, _) = try await tokens.rotate(try #require(token)) else {
                    Issue.record("the token was refused")
                    return
                }
                #expect(userID == id)
            }
            #expect(try await shop.number("SELECT count(*) FROM refresh_tokens") == 2)
        }
    }

    @Test("What became of a change of the password is looked up", arguments: TCPProxy.Moment.both)
    func password(_ moment: TCPProxy.Moment) async throws {
        try await TestAccounts.open { (shop) async throws in
            let id = try await shop.signUp(email)
            let version = try await shop.number("SELECT password_version FROM users")
            try await withProxy(shop, moment) { users, _ in
                let isChanged = try await users.changePassword(userID: id, version: version, hash: "another")
                #expect(isChanged)
            }
            #expect(try await shop.number("SELECT password_version FROM users") == version + 1)
        }
    }

    @Test("What became of a change of the role is looked up", arguments: TCPProxy.Moment.both)
    func role(_ moment: TCPProxy.Moment) async throws {
        try await TestAccounts.open { (shop) async throws in
            _ = try await shop.signUp(email)
            try await withProxy(shop, moment) { users, _ in
                let before = try await users.setRole(email: try #require(EmailAddress(email)), .admin)
                #expect(before?.role == "customer")
            }
            #expect(try await shop.number("SELECT count(*) FROM users WHERE role = 'admin'") == 1)
            #expect(try await shop.number("SELECT count(*) FROM audit_trail") == 1)
        }
    }

    @Test("Marks that nobody asks for any more are deleted")
    func pruning() async throws {
        try await TestAccounts.open { (shop) async throws in
            try await shop.database.query(
                """
                INSERT INTO commit_marks (id, is_fence, created_at)
                VALUES (gen_random_uuid(), false, now() - interval '2 hours'), (gen_random_uuid(), false, now())
                """)
            for chore in SessionChores.all(retention: 30, audit: .seconds(86_400)) {
                try await shop.database.query(chore)
            }
            #expect(try await shop.number("SELECT count(*) FROM commit_marks") == 1)
        }
    }
}

extension TCPProxy.Moment {
    fileprivate static let both: [TCPProxy.Moment] = [.afterTheServerAnswered, .beforeTheServerGetsIt]
}
