import FoundationEssentials
import Postgres
import TestSupport
import Testing

extension SystemTests.MigrateTests {
    @Test("up --dry-run tells what up would run, also of a database that it would create, and changes nothing")
    func upRehearsed() async throws {
        try await withScene { scene in
            try scene.write("1_a.up.sql", "CREATE TABLE a ()")
            try scene.write("2_b.up.sql", "CREATE TABLE b ()")
            let place = ["--role", "reviews", "--dir", scene.folder]
            let dry = try await scene.json(
                "migration", 0, "up", "--dry-run", "--role", "reviews", "--dir", scene.folder)
            let database = dry["databases"][0]
            #expect(dry["dry_run"] == true && database["direction"] == "up", "\(dry)")
            #expect(database["migrations"] == ["1_a", "2_b"] && database["to_version"] == 2, "\(dry)")
            let tables = try await scene.client.query("SELECT 1 FROM pg_tables WHERE schemaname = 'public'")
            #expect(tables.isEmpty)
            let one = try await Shopctl.run(
                ["migrate", "up", "1", "--dry-run"] + place, environment: scene.environment
            ).expect(0).output
            #expect(one.contains("WOULD RUN") && one.contains("1_a") && !one.contains("2_b"), "\(one)")
            #expect(one.hasSuffix("nothing was done\n"), "\(one)")

            let elsewhere = scene.environment.mapValues {
                $0.replacing(scene.database.name, with: scene.database.name + "_new")
            }
            try await Shopctl.run(["migrate", "up", "--dry-run"] + place, environment: elsewhere).expect(65)
            for _ in 1...2 {
                let new = try await Shopctl.run(
                    ["migrate", "up", "--dry-run", "--create-databases", "-o", "json"] + place,
                    environment: elsewhere
                ).expect(0).json["databases"][0]
                #expect(new["created_database"] == true && new["migrations"] == ["1_a", "2_b"], "\(new)")
            }
        }
    }

    @Test("The status of a database that a newer program has migrated proposes its history, not up")
    func newer() async throws {
        try await withScene { scene in
            try scene.write("1_a.up.sql", "CREATE TABLE a ()")
            try scene.write("2_b.up.sql", "CREATE TABLE b ()")
            let place = ["--role", "reviews", "--dir", scene.folder]
            try await Shopctl.run(["migrate", "up"] + place, environment: scene.environment).expect(0)
            try FileManager.default.removeItem(atPath: scene.folder + "/2_b.up.sql")
            let status = try await Shopctl.run(
                ["migrate", "status", "--check"] + place, environment: scene.environment
            ).expect(2)
            #expect(status.output.contains("version 2 is not known to this binary"), "\(status)")
            #expect(status.output.hasSuffix("next: shopctl migrate history --role reviews\n"), "\(status)")
            #expect(!status.output.contains("migrate up"), "\(status)")
        }
    }
}
