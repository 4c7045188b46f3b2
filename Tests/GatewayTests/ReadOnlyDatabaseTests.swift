import HTTPTypes
import Hosting
import Hummingbird
import TestSupport
import Testing

@testable import Gateway
@testable import Postgres

@Suite("A database that takes no writes is away")
struct ReadOnlyDatabaseTests {
    @Test("Writes are answered 503, and the gateway is not ready")
    func readOnly() async throws {
        try await AccountGateway.open { (gateway) async throws in
            let keys = SigningKeys.generate()
            let context = RoleContext(
                .gateway, roles: [.gateway],
                configuration: try ShopConfiguration(flags: ["gateway.listen": "off"], environment: [:]),
                database: PostgresClient(configuration: gateway.configuration, logger: .silent), redis: nil,
                peers: try Peers(local: []),
                verifier: try TokenVerifier(keys: keys.publicKeys, issuer: "shopctl", audience: "shop"), logger: .silent
            )
            let assembly = GatewayRole.assemble(context, issuer: gateway.issuer)
            let check = try #require(assembly.readiness.first { $0.name == "gateway.database" })
            #expect(assembly.background.contains { $0 is Housekeeper })
            try await check.check()

            let name = try await gateway.database.query("SELECT current_database()").decode(String.self)[0]
            try await gateway.database.query(
                "ALTER DATABASE \(unescaped: "\"\(name)\"") SET default_transaction_read_only = on")
            // All that is connected begins anew. This very session ends last: it could not go on to end the others.
            _ = try? await gateway.database.withConnection { session in
                try await session.query(
                    """
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE datname = current_database() AND pid <> pg_backend_pid()
                    """)
                try await session.query("SELECT pg_terminate_backend(pg_backend_pid())")
            }
            try await eventually("a new connection") { (try? await gateway.database.query("SELECT 1")) != nil }

            for answer in [
                try await gateway.call(
                    .post, "/auth/signup", ["name": "Ann", "email": "ann@shop.example", "password": "correct horse"])
            ] {
                #expect(answer.status == 503 && answer.code == "database_unavailable", "\(answer.body)")
                #expect(answer.headers[.retryAfter] != nil)
            }
            try await eventually("the check fails for the right reason") {
                do {
                    try await check.check()
                    return false
                } catch {
                    return (error as? PostgresError)?.sqlState == .readOnlyTransaction
                }
            }
            for close in assembly.closing { await close() }
        }
    }

    @Test("The SQL state is 503, as is a lock that is not free; a refused statement is not")
    func mapping() {
        let readOnly = PostgresError(.server, "cannot execute INSERT", sqlState: .readOnlyTransaction)
        #expect(Problem(readOnly).status == .serviceUnavailable)
        let locked = Problem(PostgresError(.server, "canceling statement", sqlState: .lockNotAvailable))
        #expect(locked.status == .serviceUnavailable && locked.code == "database_busy")
        #expect(locked.headers[.retryAfter] == "1")
        let full = Problem(PostgresError(.server, "too many clients", sqlState: .tooManyConnections))
        #expect(full.status == .serviceUnavailable && full.code == "database_unavailable")
        let other = PostgresError(.server, "syntax error", sqlState: SQLState(rawValue: "42601"))
        #expect(Problem(other).status == .internalServerError)
    }
}
