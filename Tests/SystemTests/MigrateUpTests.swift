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
            let next = "next: shopctl migrate history --role reviews --dir \(scene.folder)\n"
            #expect(status.output.hasSuffix(next), "\(status)")
            #expect(!status.output.contains("migrate up"), "\(status)")
        }
    }

    @Test("What is advised keeps the role, the folder and more of the command line")
    func advice() async throws {
        try await withScene { scene in
            try scene.write("1_a.up.sql", "CREATE TABLE a ()")
            let place = "--role reviews --dir \(scene.folder)"
            func run(_ words: String, _ environment: [String: String]? = nil) async throws -> CommandResult {
                try await Shopctl.run(
                    ["migrate"] + "\(words) \(place)".split(separator: " ").map(String.init),
                    environment: environment ?? scene.environment)
            }
            let pending = try await run("status").expect(0)
            #expect(pending.output.hasSuffix("next: shopctl migrate up \(place)\n"), "\(pending)")
            let new = scene.environment.mapValues {
                $0.replacing(scene.database.name, with: scene.database.name + "_new")
            }
            let missing = try await run("status", new).expect(0)
            #expect(missing.output.hasSuffix("next: shopctl migrate up \(place) --create-databases\n"), "\(missing)")
            let refused = try await run("up", new).expect(65)
            #expect(refused.error.contains("hint: shopctl migrate up \(place) --create-databases\n"), "\(refused)")
            try scene.write("2_b.up.sql", "SELECT 1/0")
            let failed = try await run("up").expect(65)
            #expect(failed.error.contains("SHOP-504"), "\(failed)")
            #expect(failed.error.contains("hint: shopctl migrate status \(place)\n"), "\(failed)")
            // Their siblings have it, too.
            let history = try await run("history").expect(0).output
            #expect(history.contains("failed") && history.contains("division by zero"), "\(history)")
            try await run("locks").expect(0)
        }
    }

    @Test("A version that is set too low is told, and a repair sets it; up alone leads there, too")
    func understated() async throws {
        try await withScene { scene in
            try scene.write("1_a.up.sql", "CREATE TABLE a ()")
            try scene.write("2_b.up.sql", "CREATE TABLE b ()")
            let place = "--role reviews --dir \(scene.folder)"
            func run(_ words: String) async throws -> CommandResult {
                try await Shopctl.run(
                    ["migrate"] + "\(words) \(place)".split(separator: " ").map(String.init),
                    environment: scene.environment)
            }
            try await run("up").expect(0)
            try await scene.client.query("UPDATE schema_migrations SET version = 1")
            let repair = "shopctl migrate repair \(place) --set-version 2 --reason \"...\"\n"
            let status = try await run("status").expect(0)
            #expect(status.output.hasSuffix("next: \(repair)"), "\(status)")
            let failed = try await run("up").expect(65)
            #expect(failed.error.contains("hint: shopctl migrate verify \(place)\n"), "\(failed)")
            let verify = try await run("verify").expect(2)
            #expect(verify.output.contains("next: \(repair)"), "\(verify)")
            #expect(verify.error.contains("hint: \(repair)"), "\(verify)")
            try await run("repair --set-version 2 --reason restored").expect(0)
            let sound = try await scene.json(
                "migration-verify", 0, "verify", "--role", "reviews", "--dir", scene.folder)
            #expect(sound["sound"] == true && sound["databases"][0]["applied_version"] == 2, "\(sound)")
            try await run("up").expect(0)
        }
    }

    @Test("A version that is not there is refused before anything is asked; who holds the lock is told while up waits")
    func refusedAndWaiting() async throws {
        try await withScene { scene in
            let nowhere = [
                "SHOPCTL_REVIEWS_DATABASE_URL": "postgres://a@127.0.0.1:9/away", "AMQP_URL": "amqp://127.0.0.1:9",
            ]
            let refused = try await Shopctl.run(
                ["migrate", "up", "--to", "99999", "--role", "reviews"], environment: nowhere
            ).expect(64)
            #expect(refused.output == "" && refused.error.contains("cannot migrate to version 99999"), "\(refused)")

            try scene.write("1_notes.up.sql", "CREATE TABLE notes ();")
            let place = ["--role", "reviews", "--dir", scene.folder]
            try await Shopctl.run(["migrate", "up"] + place, environment: scene.environment).expect(0)
            try scene.write("2_tags.up.sql", "ALTER TABLE notes ADD x int;")
            let holder = try await scene.client.transaction { transaction in
                try await transaction.query("LOCK TABLE notes IN ACCESS SHARE MODE")
                let url = scene.database.url + "?options=-c%20lock_timeout%3D300s"
                let holder = Task {
                    try await Shopctl.run(
                        ["migrate", "up"] + place, environment: ["SHOPCTL_REVIEWS_DATABASE_URL": url])
                }
                try await eventually("the lock is held") {
                    let found = try await scene.json("migration-locks", 0, "locks", "--role", "reviews")
                    return found["sessions"].list.contains { $0["part"] == "holds" }
                }
                let ended = try await Shopctl.run(
                    ["migrate", "up", "--timeout", "10s"] + place, environment: scene.environment
                ).expect(75)
                let parts = ended.error.components(separatedBy: "error[SHOP-004]")
                #expect(parts.count == 2, "\(ended)")
                for part in parts {
                    #expect(part.contains("waiting for the migration lock of database '"), "\(ended)")
                    #expect(part.contains("which is held by "), "\(ended)")
                }
                #expect(ended.error.contains("hint: shopctl migrate locks --role reviews"), "\(ended)")
                return holder
            }
            try await holder.value.expect(0)
        }
    }
}
