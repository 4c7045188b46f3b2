import Migrator
import Postgres
import TestSupport
import Testing

/// Entries of the audit trail when reasons get a column of their own, and when it goes again.
@Suite struct AuditReasonMigrationTests {
    @Test(
        "Entries of before have no reason, the program of before writes on, and no reason is lost on the way back",
        arguments: [("gateway", Int64(9)), ("orders", 13), ("products", 16), ("customers", 16), ("reviews", 14)])
    func upAndDown(role: String, version: Int64) async throws {
        try await withMigrations(try MigrationSet.for(role)) { scene in
            let insertion = "INSERT INTO audit_trail (actor_id, actor_role, user_id, action, subject_id)"
            _ = try await scene.runner.up(to: version - 1)
            try await scene.execute("\(insertion) VALUES (0, 'operator', 7, 'a.deed: of before', 1)")
            _ = try await scene.runner.up(to: version)
            try await scene.execute("\(insertion) VALUES (0, 'operator', 7, 'an.old program', 2)")
            try await scene.execute(
                """
                INSERT INTO audit_trail (actor_id, actor_role, user_id, action, reason, subject_id)
                VALUES (0, 'operator', 7, 'a.new deed', 'a test', 3)
                """)
            let reasons = try await scene.client.query(
                "SELECT coalesce(reason, '-') FROM audit_trail ORDER BY id")
            #expect(try reasons.decode((String).self) == ["-", "-", "a test"])
            _ = try await scene.runner.down(steps: 1)
            let actions = try await scene.client.query("SELECT action FROM audit_trail ORDER BY id")
            #expect(try actions.decode((String).self) == ["a.deed: of before", "an.old program", "a.new deed: a test"])
        }
    }
}
