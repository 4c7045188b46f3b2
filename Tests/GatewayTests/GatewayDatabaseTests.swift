import Accounts
import Hosting
import Postgres
import TestSupport
import Testing

@testable import Gateway

@Suite("The gateway's way to its database")
struct GatewayDatabaseTests {
    @Test("A statement that gets no answer is given up within the grace of a refresh token")
    func statementTimeout() async throws {
        try await withFixture { fixture in
            let settings = ["SHOPCTL_GATEWAY_DATABASE_URL": try await fixture.database().url]
            let configuration = try ShopConfiguration(flags: [:], file: nil, environment: settings)
            let database = try GatewayRole.database(configuration, roles: [.gateway])
            let client = PostgresClient(configuration: database, logger: .silent)
            fixture.atEnd { await client.close() }
            let rows = try await client.query(
                "SELECT setting::bigint FROM pg_settings WHERE name = 'statement_timeout'")
            let timeout = Duration.milliseconds(try rows.decode((Int64).self)[0])
            // The client gives the server a little more time than that to say so, and asks for the outcome after it.
            #expect(timeout > .zero && timeout * 3 < AccountOptions().refreshTokenGrace)
        }
    }
}
