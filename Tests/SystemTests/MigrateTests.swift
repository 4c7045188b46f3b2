import DevStack
import FoundationEssentials
import Postgres
import TestSupport
import Testing

extension SystemTests {
    /// Migrations by the real binary, on databases of a test's own. No shop runs.
    @Suite(.inTurn, .serialized) struct MigrateTests {
        /// An empty database of reviews, and a folder.
        struct Scene {
            let database: TestDatabase
            let client: PostgresClient
            let folder: String
            let environment: [String: String]

            func run(_ arguments: String...) async throws -> CommandResult {
                try await Shopctl.run(["migrate"] + arguments, environment: environment)
            }

            func write(_ name: String, _ text: String) throws {
                try Data(text.utf8).write(to: URL(filePath: folder).appending(path: name))
            }

            /// The document, which has the shape of its schema.
            func json(_ shape: String, _ status: Int32 = 0, _ arguments: String...) async throws -> JSON {
                let result = try await Shopctl.run(["migrate"] + arguments + ["-o", "json"], environment: environment)
                    .expect(status)
                let faults = try JSONSchema(name: shape).faults(in: result.json)
                #expect(faults == [], "\(shape): \(result)")
                return result.json
            }
        }

        func withScene(_ body: (Scene) async throws -> Void) async throws {
            try await withFixture { fixture in
                let database = try await fixture.database()
                let client = PostgresClient(
                    configuration: try PostgresConfiguration(url: database.url), logger: testLogger)
                fixture.atEnd { await client.close() }
                let folder = "/tmp/\(fixture.stack.uniqueName("migrations"))"
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                fixture.atEnd { try FileManager.default.removeItem(atPath: folder) }
                try await body(
                    Scene(
                        database: database, client: client, folder: folder,
                        environment: ["SHOPCTL_REVIEWS_DATABASE_URL": database.url, "USER": "ann"]))
            }
        }

        @Test(
            "plan: what psql runs is what up does; verify and history tell it; down, up and redo go by count and version"
        )
        func plan() async throws {
            try await withScene { scene in
                let program = try Shopctl.program()
                let planned = try await scene.json("migration-plan", 0, "plan", "--role", "reviews")
                let latest = try #require(planned["to_version"].integer)
                #expect(planned["from_version"] == 0 && planned["migrations"].list.count == Int(latest))
                try await Shell.run(
                    "set -o pipefail; \(program) migrate plan --role reviews | psql -q '\(scene.database.url)'",
                    environment: scene.environment
                ).expect(0)
                try await scene.run("status", "--check", "--databases-only", "--role", "reviews").expect(0)
                #expect(
                    try await scene.run("plan", "--role", "reviews").expect(0).output.contains("nothing is pending"))

                let down = try await scene.json("migration", 0, "down", "2", "--role", "reviews")
                #expect(down["databases"][0]["to_version"] == .integer(latest - 2))
                let up = try await scene.json("migration", 0, "up", "1", "--role", "reviews", "--databases-only")
                #expect(up["databases"][0]["to_version"] == .integer(latest - 1))
                let redo = try await scene.json("migration", 0, "redo", "--role", "reviews")
                #expect(redo["databases"].list.map { $0["direction"] } == ["down", "up"])
                try await scene.run("up", "--role", "reviews", "--to", "\(latest)", "--databases-only").expect(0)
                let wrong = try await scene.run("up", "--role", "reviews", "--to", "1", "--databases-only").expect(64)
                #expect(wrong.error.contains("that way is down"))

                let sound = try await scene.json("migration-verify", 0, "verify", "--role", "reviews")
                #expect(sound["sound"] == true && sound["databases"][0]["drift"] != .null)
                let files = try await scene.json(
                    "migration-verify", 0, "verify", "--role", "reviews", "--dir", repositoryPath("migrations/reviews"))
                #expect(files["databases"][0]["drift"] == .null, "it was not compared")
                #expect(sound["databases"][0]["migrations"].list.allSatisfy { $0["state"] == "same" })
                try await scene.client.query("ALTER INDEX ratings_pkey RENAME TO ratings_elsewhere")
                let drift = try await scene.json("migration-verify", 2, "verify", "--role", "reviews")
                #expect(drift["sound"] == false && sound["databases"][0]["drift"].list == [], "\(drift)")
                let missing = drift["databases"][0]["drift"].list
                #expect(missing.count == 1, "\(drift)")
                #expect(missing.first?.text?.hasPrefix("constraint ratings_pkey of ratings is missing (") == true)
                let told = try await scene.run("verify", "--role", "reviews").expect(2)
                #expect(told.error.contains("hint: put back by hand, with psql, what is told above; then: "), "\(told)")
                let table = told.output.split(separator: "\n")
                #expect(table.first?.hasSuffix("  PENDING  DRIFT") == true, "\(table)")
                #expect(table.dropFirst().first?.hasSuffix("        0      1") == true, "\(table)")
                try await scene.client.query("ALTER INDEX ratings_elsewhere RENAME TO ratings_pkey")
                let uncompared = try await scene.run(
                    "verify", "--role", "reviews", "--dir", repositoryPath("migrations/reviews")
                ).expect(0).output.split(separator: "\n")
                #expect(uncompared.dropFirst().first?.hasSuffix("        0      -") == true, "\(uncompared)")
                let history = try await scene.json(
                    "migration-history", 0, "history", "--role", "reviews", "--limit", "4")
                #expect(history["deeds"].list.map { $0["deed"] } == ["up", "up", "down", "up"])
                #expect(history["total"] == .integer(latest + 6))
                let last = history["deeds"][0]
                #expect(
                    last["program"].text?.hasPrefix("shopctl ") == true && last["who"].text?.hasPrefix("ann@") == true)
                let cursor = try #require(history["next_cursor"].text)
                let next = try await scene.json(
                    "migration-history", 0, "history", "--role", "reviews", "--limit", "4", "--cursor", cursor)
                #expect(next["deeds"].list.map { $0["deed"] } == ["down", "down", "up", "up"])
            }
        }

        @Test("plan without a role is that of all: one script that psql runs from database to database")
        func planOfAll() async throws {
            try await withFixture { fixture in
                let first = try await fixture.database()
                var environment: [String: String] = [:]
                for role in ["gateway", "products", "orders", "customers"] {
                    environment["SHOPCTL_\(role.uppercased())_DATABASE_URL"] = try await fixture.database().url
                }
                let away = environment.merging(["SHOPCTL_REVIEWS_DATABASE_URL": "postgres://a@127.0.0.1:9/away"]) { $1 }
                let half = try await Shopctl.run(["migrate", "plan", "-o", "json"], environment: away).expect(69)
                #expect(half.output == "" && half.error.contains("reviews"), "\(half)")
                // psql would look for it at the others' server.
                let apart = try await Shopctl.run(["migrate", "plan"], environment: away).expect(64)
                #expect(apart.output == "" && apart.error.contains("reviews at 127.0.0.1:9"), "\(apart)")
                #expect(apart.error.contains("hint: shopctl migrate plan --role "), "\(apart)")
                let nowhere = away.mapValues { _ in "postgres://a@127.0.0.1:9/away" }
                let none = try await Shopctl.run(["migrate", "plan"], environment: nowhere).expect(69)
                #expect(none.error.contains("PostgreSQL at 127.0.0.1:9, with the databases of "), "\(none)")

                environment["SHOPCTL_REVIEWS_DATABASE_URL"] = first.url
                let plans = try await Shopctl.run(["migrate", "plan", "-o", "json"], environment: environment).expect(0)
                #expect(try JSONSchema(name: "migration-plans").faults(in: plans.json) == [])
                #expect(plans.json["plans"].list.count == 5)
                // From one database to all the others.
                try await Shell.run(
                    "set -o pipefail; \(try Shopctl.program()) migrate plan | psql -q '\(first.url)'",
                    environment: environment
                ).expect(0)
                try await Shopctl.run(["migrate", "status", "--check", "--databases-only"], environment: environment)
                    .expect(0)
            }
        }

        @Test("down and redo tell what they would run, and keep their reason in the history")
        func reasons() async throws {
            try await withScene { scene in
                let up = try await scene.json("migration", 0, "up", "--role", "reviews", "--databases-only")
                let latest = try #require(up["databases"][0]["to_version"].integer)
                #expect(up["dry_run"] == false)
                func history() async throws -> JSON {
                    try await scene.json("migration-history", 0, "history", "--role", "reviews", "--limit", "2")
                }
                let before = try await history()
                for way in ["down", "redo"] {
                    let dry = try await scene.json(
                        "migration", 0, way, "--role", "reviews", "--dry-run", "--reason", "a look")
                    let first = dry["databases"][0]
                    #expect(dry["dry_run"] == true && first["direction"] == "down", "\(dry)")
                    #expect(first["migrations"].list.count == 1 && first["to_version"] == .integer(latest - 1))
                }
                let told = try await scene.run("down", "2", "--role", "reviews", "--dry-run").expect(0).output
                #expect(told.contains("WOULD RUN") && told.hasSuffix("nothing was done\n"), "\(told)")
                #expect(try await history() == before)

                let down = try await scene.json(
                    "migration", 0, "down", "--role", "reviews", "--reason", "back to before")
                #expect(down["dry_run"] == false)
                let last = try await history()["deeds"][0]
                #expect(last["deed"] == "down" && last["reason"] == "back to before", "\(last)")
                try await scene.run("up", "--role", "reviews", "--databases-only").expect(0)
                #expect(try await history()["deeds"][0]["reason"] == .null)
                try await scene.run("redo", "--role", "reviews", "--reason", "its way down is new").expect(0)
                let both = try await history()["deeds"].list
                #expect(both.map { $0["deed"] } == ["up", "down"], "\(both)")
                #expect(both.allSatisfy { $0["reason"] == "its way down is new" }, "\(both)")
                try await scene.run("down", "--role", "reviews", "--reason", " ").expect(64)
            }
        }

        @Test("down and redo ask at a terminal, unless --yes is said; where there is none, down asks nobody")
        func confirmed() async throws {
            try await withScene { scene in
                let current = ["migrate", "status", "--check", "--databases-only", "--role", "reviews"]
                try await scene.run("up", "--role", "reviews", "--databases-only").expect(0)
                func atTerminal(_ answer: String, _ arguments: String) async throws -> CommandResult {
                    try await Shell.run(
                        "echo \(answer) | script -qec '\(try Shopctl.program()) migrate \(arguments)' /dev/null",
                        environment: scene.environment)
                }
                for way in ["down", "redo"] {
                    let refused = try await atTerminal("no", "\(way) --role reviews").expect(64)
                    #expect(refused.output.contains("of reviews will be taken back"), "\(refused)")
                    #expect(refused.output.contains("hint: shopctl migrate \(way) --role reviews --yes"), "\(refused)")
                }
                try await Shopctl.run(current, environment: scene.environment).expect(0)
                let redone = try await atTerminal("yes", "redo --role reviews").expect(0)
                #expect(redone.output.contains("type yes: "), "\(redone)")
                let down = try await atTerminal("no", "down --role reviews --yes").expect(0)
                #expect(!down.output.contains("type yes"), "\(down)")
                try await Shopctl.run(current, environment: scene.environment).expect(2)
                // And once more, in a script.
                try await scene.run("down", "--role", "reviews").expect(0)
            }
        }

        @Test("new, lint and --dir: a folder of golang-migrate's files, from the first one to a repair")
        func folder() async throws {
            try await withScene { scene in
                let folder = scene.folder
                let new = try await scene.json("migration-new", 0, "new", "notes", "--role", "reviews", "--dir", folder)
                #expect(new["version"] == 1)
                #expect(
                    new["files"] == [.text("\(folder)/000001_notes.up.sql"), .text("\(folder)/000001_notes.down.sql")])
                for way in [["up"], ["up", "--dry-run"], ["plan"], ["lint"]] {
                    let place = (way == ["lint"] ? [] : ["--role", "reviews"]) + ["--dir", folder]
                    let draft = try await Shopctl.run(["migrate"] + way + place, environment: scene.environment)
                        .expect(65)
                    #expect(draft.output == "" && draft.error.contains("has no statement yet"), "\(way): \(draft)")
                }
                try scene.write("000001_notes.up.sql", "CREATE TABLE notes (id bigint);")
                // With its mark and a statement below it is as good as without.
                try scene.write("000001_notes.down.sql", "-- migrate:draft\nDROP TABLE notes;")
                try scene.write("000002_more.up.sql", "BEGIN;\nALTER TABLE notes RENAME id TO note_id;\nCOMMIT;")
                let lint = try await scene.json("migration-lint", 2, "lint", "--dir", folder)
                #expect(lint["findings"][0]["rule"] == "rename" && lint["findings"][0]["line"] == 2)
                try scene.write(
                    "000002_more.up.sql",
                    "BEGIN;\n-- lint:ignore rename nobody reads it yet\nALTER TABLE notes RENAME id TO note_id;\nCOMMIT;"
                )
                #expect(try await scene.json("migration-lint", 0, "lint", "--dir", folder)["findings"] == [])
                // One that has a folder for each role.
                let ours = try await scene.json("migration-lint", 0, "lint", "--dir", repositoryPath("migrations"))
                let embedded = try await scene.json("migration-lint", 0, "lint")
                #expect(ours["files"] == embedded["files"] && ours["findings"] == [], "\(ours)")
                let empty = folder + "/empty"
                try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: false)
                let none = try await scene.run("lint", "--dir", empty).expect(65)
                #expect(none.error.contains("hint: shopctl migrate lint --help"), "\(none)")

                let up = try await scene.json("migration", 0, "up", "--role", "reviews", "--dir", folder)
                #expect(up["databases"][0]["migrations"] == ["1_notes", "2_more"] && up["topology"] == .null)
                let oneWay = try await scene.run("down", "--role", "reviews", "--dir", folder).expect(65)
                #expect(oneWay.error.contains("SHOP-508") && oneWay.error.contains("2_more"))
            }
        }

        @Test("What golang-migrate has left: a dirty mark is cleared with a reason, and its database taken over")
        func golangMigrate() async throws {
            try await withScene { scene in
                for name in ["1_a", "2_b"] { try scene.write("\(name).up.sql", "CREATE TABLE \(name.suffix(1)) ()") }
                let place = ["--role", "reviews", "--dir", scene.folder]
                func run(_ arguments: String...) async throws -> CommandResult {
                    try await Shopctl.run(["migrate"] + arguments + place, environment: scene.environment)
                }
                let nothing = try await run("baseline", "--from-golang-migrate").expect(65)
                #expect(nothing.error.contains("SHOP-510"))
                try await scene.client.query(
                    "CREATE TABLE schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL)")
                try await scene.client.query("INSERT INTO schema_migrations VALUES (2, true)")
                try await scene.client.query("CREATE TABLE a ()")
                for arguments in [["up"], ["plan"], ["baseline", "--from-golang-migrate"]] {
                    let refused = try await Shopctl.run(
                        ["migrate"] + arguments + place, environment: scene.environment
                    ).expect(65)
                    #expect(refused.error.contains("SHOP-503") && refused.output == "", "\(refused)")
                }
                let status = try await run("status").expect(0)
                #expect(status.output.contains("next: shopctl migrate history --role reviews "), "\(status)")
                #expect(status.output.contains("next: shopctl migrate repair --help\n"), "\(status)")
                #expect(!status.output.contains("--clear-dirty"), "\(status)")
                let blind = try await run("repair", "--clear-dirty", "--reason", "...").expect(64)
                #expect(blind.error.contains("--reason must say why"), "\(blind)")
                let repaired = try await scene.json(
                    "migration-repair", 0, "repair", "--clear-dirty", "--at", "1", "--reason", "undone by hand",
                    "--role",
                    "reviews", "--dir", scene.folder)
                #expect(repaired["repairs"].list.count == 1 && repaired["dry_run"] == false)
                let would = try await scene.json(
                    "migration-baseline", 0, "baseline", "--from-golang-migrate", "--dry-run", "--role", "reviews",
                    "--dir", scene.folder)
                #expect(would["dry_run"] == true && would["version"] == 1)
                let taken = try await scene.json(
                    "migration-baseline", 0, "baseline", "--from-golang-migrate", "--role", "reviews", "--dir",
                    scene.folder)
                #expect(taken["version"] == 1 && taken["migrations"] == would["migrations"])
                try await run("up").expect(0)
                try await run("verify").expect(0)
            }
        }

        @Test("An index that a failed concurrent build has left is told, then dropped and built again by the next up")
        func invalidIndex() async throws {
            try await withScene { scene in
                try scene.write("1_notes.up.sql", "CREATE TABLE notes (x int); INSERT INTO notes VALUES (1), (1)")
                try scene.write("2_unique.up.sql", "CREATE UNIQUE INDEX CONCURRENTLY notes_x ON notes (x);")
                let place = ["--role", "reviews", "--dir", scene.folder]
                let failed = try await Shopctl.run(["migrate", "up"] + place, environment: scene.environment).expect(65)
                #expect(failed.error.contains("SHOP-504") && failed.error.contains("INVALID"), "\(failed)")
                let status = try await Shopctl.run(["migrate", "status"] + place, environment: scene.environment)
                #expect(status.expect(0).output.contains("index notes_x is INVALID"), "\(status)")
                #expect(status.output.contains("next: shopctl migrate up"), "\(status)")
                try await scene.client.query("DELETE FROM notes")
                let mended = try await scene.json(
                    "migration", 0, "up", "--role", "reviews", "--dir", scene.folder)
                #expect(mended["databases"][0]["rebuilt_indexes"] == ["notes_x"])
                let told = try await scene.json(
                    "migration-repair", 0, "repair", "--indexes", "--reason", "to be sure", "--role", "reviews",
                    "--dir",
                    scene.folder)
                #expect(told["repairs"] == [])
            }
        }

        @Test("locks names the holder and who keeps it; wait ends when the database is there, or with 75")
        func locksAndWait() async throws {
            try await withScene { scene in
                try scene.write("1_busy.up.sql", "CREATE TABLE busy ()")
                try scene.write("2_more.up.sql", "ALTER TABLE busy ADD x int")
                let place = ["--role", "reviews", "--dir", scene.folder]
                let none = try await scene.run("locks", "--role", "reviews").expect(0)
                #expect(none.output.hasPrefix("nobody holds"))
                try await Shopctl.run(["migrate", "up", "1"] + place, environment: scene.environment).expect(0)
                let behind = try await Shopctl.run(
                    ["migrate", "wait", "--timeout", "3s"] + place, environment: scene.environment
                ).expect(75)
                #expect(behind.error.contains("SHOP-004") && behind.output == "", "\(behind)")

                let waiting = Task {
                    try await Shopctl.run(
                        ["migrate", "wait", "--timeout", "300s", "-o", "json"] + place, environment: scene.environment)
                }
                let up = try await scene.client.transaction { transaction in
                    try await transaction.query("LOCK TABLE busy IN ACCESS SHARE MODE")
                    let up = Task {
                        try await Shopctl.run(
                            ["migrate", "up"] + place,
                            environment: [
                                "SHOPCTL_REVIEWS_DATABASE_URL": scene.database.url
                                    + "?options=-c%20lock_timeout%3D300s"
                            ])
                    }
                    try await eventually("the session that blocks is seen") {
                        let found = try await scene.json("migration-locks", 0, "locks", "--role", "reviews")
                        return found["sessions"].list.map { $0["part"] } == ["holds", "blocks"]
                    }
                    let table = try await scene.run("locks", "--role", "reviews").expect(0)
                    #expect(table.output.contains("pg_terminate_backend("), "\(table)")
                    return up
                }
                try await up.value.expect(0)
                let ready = try await waiting.value.expect(0)
                #expect(ready.json["databases"][0]["version"] == 2 && ready.json["databases"][0]["pending"] == 0)
            }
        }

        @Test("Refusals have their numbers, and say nothing on standard output")
        func refusals() async throws {
            try await withScene { scene in
                for (arguments, status, code) in [
                    (["up", "--role", "reviews", "--dir", "/nonexistent"], 65, "SHOP-506"),
                    (["lint", "--dir", "/nonexistent"], 65, "SHOP-506"),
                    (["redo", "--role", "reviews"], 65, "SHOP-501"),
                    (["repair", "--role", "reviews", "--accept", "1", "--reason", "x"], 65, "SHOP-509"),
                    (["plan", "--role", "orders"], 78, "SHOP-002"),
                ] as [([String], Int32, String)] {
                    let result = try await Shopctl.run(["migrate"] + arguments, environment: scene.environment)
                        .expect(status)
                    #expect(result.error.contains(code) && result.output == "", "\(arguments): \(result)")
                    let explained = try await Shopctl.run(["error", String(code.dropFirst(5))]).expect(0)
                    #expect(explained.output.contains(code))
                }
            }
        }
    }
}
