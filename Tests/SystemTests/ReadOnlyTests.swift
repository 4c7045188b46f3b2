import Postgres
import TestSupport
import Testing

extension SystemTests {
    /// A role's database after a failover that went half way, or in maintenance.
    @Suite(.inTurn, .serialized) struct ReadOnlyTests {
        @Test("A database that takes no writes is not ok, in 'status' of the shop, 'doctor' and 'migrate status'")
        func readOnly() async throws {
            try await withFixture { fixture in
                let url = try await fixture.database().url
                let client = PostgresClient(configuration: try PostgresConfiguration(url: url), logger: testLogger)
                fixture.atEnd { await client.close() }
                let name = try await client.query("SELECT current_database()").decode(String.self)[0]
                try await client.withConnection {
                    try await $0.execute(
                        script: "ALTER DATABASE \"\(name)\" SET default_transaction_read_only = on")
                }
                func told(_ shape: String, _ status: Int32, _ arguments: String...) async throws -> JSON {
                    let result = try await Shopctl.run(
                        arguments + ["-o", "json"], environment: ["SHOPCTL_REVIEWS_DATABASE_URL": url]
                    ).expect(status)
                    let faults = try JSONSchema(name: shape).faults(in: result.json)
                    #expect(faults == [], "\(shape): \(result)")
                    return result.json
                }
                let migrations = try await told(
                    "migration-status", 0, "migrate", "status", "--role", "reviews", "--databases-only")
                let problem = migrations["databases"][0]["problems"][0].text
                #expect(problem?.hasPrefix("read only: ") == true, "\(migrations)")
                let status = try await told("status", 0, "status")
                let database = status["databases"].list.first { $0["role"] == "reviews" } ?? .null
                #expect(database["state"] == "read_only" && database["reason"] != .null, "\(status)")
                let finding = status["findings"].list.first { $0["kind"] == "database_read_only" } ?? .null
                #expect(finding["severity"] == "critical" && finding["subject"] == "reviews", "\(status)")
                let doctor = try await told("doctor", 2, "doctor")
                let source = doctor["sources"].list.first { $0["name"] == "database of reviews" } ?? .null
                #expect(source["state"] == "read_only", "\(doctor)")
                let isFound = doctor["findings"].list.contains { $0["kind"] == "database_read_only" }
                #expect(isFound, "\(doctor)")
            }
        }
    }
}
