import FoundationEssentials
import Postgres
import TestSupport
import Testing

@testable import Migrator

/// A folder of files for the length of a test.
func withFolder<Result>(
    _ files: [String: String], isolation: isolated (any Actor)? = #isolation,
    _ body: (MigrationFolder) async throws -> Result
) async throws -> Result {
    let path = "/tmp/migrations-\(UUID().uuidString)"
    let manager = FileManager.default
    try manager.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? manager.removeItem(atPath: path) }
    for (name, text) in files { try Data(text.utf8).write(to: URL(filePath: path).appending(path: name)) }
    return try await body(MigrationFolder(path: path))
}

/// golang-migrate's files run as they are.
@Suite struct MigrationFolderTests {
    /// Times for versions, transactions of their own, a way back that is missing, an empty file, files of other kinds.
    private static let files = [
        "20240101120000_users.up.sql": "BEGIN;\nCREATE TABLE users (id bigint);\nCOMMIT;\n",
        "20240101120000_users.down.sql": "BEGIN; DROP TABLE users; COMMIT",
        "20240301000000_orders.up.sql": "CREATE TABLE orders (id bigint);CREATE TABLE lines (id bigint)",
        "20240301000000_orders.down.sql": "DROP TABLE lines; DROP TABLE orders;",
        "20240302000000_seed.up.sql": "INSERT INTO users VALUES (1);", "20240401000000_nothing.up.sql": "",
        "20240401000000_nothing.down.sql": "", "README.md": "notes", "schema.sql": "nonsense", "x_y.up.sql": "nonsense",
    ]

    @Test func filesOfAnotherShopRunUnchanged() async throws {
        try await withFolder(Self.files) { folder in
            try await withMigrations(folder.set(role: "orders")) { scene in
                let report = try await scene.runner.up()
                #expect(report.to == 20_240_401_000_000 && report.migrations.count == 4)
                #expect(try await scene.tables() == ["lines", "orders", "users"])
                #expect(try await scene.versionRows() == ["20240401000000 false"])
                #expect(try await scene.strings("SELECT id::text FROM users") == ["1"])
                #expect(try await scene.runner.status().pending == 0)

                #expect(try await scene.runner.down(.version(20_240_302_000_000)).migrations.count == 1)
                #expect(try await scene.versionRows() == ["20240302000000 false"])
                await expectFailure("20240302000000_seed", "has no .down.sql") { try await scene.runner.down(steps: 2) }
                #expect(try await scene.versionRows() == ["20240302000000 false"])
            }
        }
    }

    @Test func whatFailsOutsideOfATransactionIsMarkedDirtyAndClearedByHand() async throws {
        let files = [
            "1_a.up.sql": "CREATE TABLE a (id int); INSERT INTO a VALUES (1);",
            "2_b.up.sql": "BEGIN; CREATE TABLE b (); COMMIT; SELECT 1 / (id - 1) FROM a;",
            "2_b.down.sql": "DROP TABLE b",
            "3_c.up.sql": "-- migrate:no-transaction\nCREATE TABLE c (); CREATE TABLE c ();",
        ]
        try await withFolder(files) { folder in
            try await withMigrations(folder.set(role: "shop")) { scene in
                await expectFailure("2_b (up)", "outside of transactions", "division by zero", "marked dirty") {
                    try await scene.runner.up()
                }
                #expect(try await scene.versionRows() == ["2 true"])
                #expect(try await scene.tables() == ["a", "b"])
                await expectFailure("dirty at version 2", "repair --clear-dirty") { try await scene.runner.up() }
                await expectFailure("dirty at version 2") { try await scene.runner.plan() }

                var repair = MigrationRepair(reason: "its second half is not needed")
                repair.clearsDirty = true
                repair.isDryRun = true
                #expect(try await scene.runner.repair(repair).count == 1)
                #expect(try await scene.versionRows() == ["2 true"])
                repair.isDryRun = false
                _ = try await scene.runner.repair(repair)
                #expect(try await scene.versionRows() == ["2 false"])
                await expectFailure("not marked dirty") { try await scene.runner.repair(repair) }

                await expectFailure("3_c (up)", "already exists") { try await scene.runner.up() }
                repair.version = 7
                await expectFailure("no version 7") { try await scene.runner.repair(repair) }
                repair.version = 2
                _ = try await scene.runner.repair(repair)
                #expect(try await scene.versionRows() == ["2 false"])
                let reasons = try await scene.runner.history().compactMap(\.reason)
                #expect(reasons.count == 4 && reasons[0].contains("cleared dirty at 3, set to 2: its second half"))
                let deeds = [
                    "up 1 a", "begun 2 b", "failed 2 b", "repair 2 b", "begun 3 c", "failed 3 c", "repair 2 b",
                ]
                #expect(try await scene.deeds() == deeds)
            }
        }
    }

    @Test func aFolderThatIsNoneIsNamed() async throws {
        await expectFailure("folder /nonexistent/x", "not there") {
            try MigrationFolder(path: "/nonexistent/x").set(role: "shop")
        }
        try await withFolder(["readme.txt": ""]) { folder in
            await expectFailure(folder.path, "{version}_{title}.up.sql") { try folder.set(role: "shop") }
        }
        for (files, part) in [
            (["0_a.up.sql": ""], "its version is 0"), (["1_a.down.sql": ""], "its other half"),
            (["1_a.up.sql": "", "01_b.up.sql": ""], "is that of"), (["1a.up.sql": ""], "{version}_{title}"),
            (["1_a.up.sql": "CREATE INDEX CONCURRENTLY i ON t (x); SELECT 1"], "line 1 works concurrently"),
            (["1_a.up.sql": "CREATE INDEX CONCURRENTLY ON t (x)"], "without a name"),
        ] {
            try await withFolder(files) { folder in
                await expectFailure(folder.path, part) { try folder.set(role: "shop") }
            }
        }
    }

    @Test func aDraftHasTheNextNumberOrTheTime() async throws {
        let now = try Date("2026-11-27T09:30:00Z", strategy: .iso8601)
        func names(_ files: [String]) async throws -> [String] {
            try await withFolder(Dictionary(uniqueKeysWithValues: files.map { ($0, "SELECT 1") })) { folder in
                let draft = try MigrationDraft(title: "order_notes", in: folder, now: now)
                try draft.write(to: folder, title: "order_notes")
                await expectFailure("cannot be written") { try draft.write(to: folder, title: "order_notes") }
                // Both are refused until they say something.
                let written = try folder.files(role: "shop").filter { draft.names.contains($0.name) }
                #expect(written.count == 2 && written.allSatisfy { SQLScript($0.text).statements.isEmpty })
                for file in written {
                    let refusal = #expect(throws: MigrationError.self) {
                        try MigrationSet(role: "shop", files: [file], rules: .golangMigrate)
                    }
                    let told = refusal.map { String(describing: $0) } ?? ""
                    #expect(told.contains(file.name) && told.contains("no statement yet"), "\(told)")
                }
                return draft.names
            }
        }
        #expect(try await names([]) == ["000001_order_notes.up.sql", "000001_order_notes.down.sql"])
        #expect(try await names(["000009_a.up.sql", "000009_a.down.sql"])[0] == "000010_order_notes.up.sql")
        #expect(try await names(["7_a.up.sql"])[0] == "8_order_notes.up.sql")
        #expect(try await names(["20240101000000_a.up.sql"])[0] == "20261127093000_order_notes.up.sql")
    }
}
