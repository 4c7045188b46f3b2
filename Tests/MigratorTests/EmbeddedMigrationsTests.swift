import FoundationEssentials
import Testing

@testable import Migrator

/// What the binary carries is what stands in `migrations/`.
@Suite struct EmbeddedMigrationsTests {
    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "migrations")

    @Test func embeddedEqualsFiles() throws {
        let manager = FileManager.default
        var onDisk: [MigrationFile] = []
        for role in try manager.contentsOfDirectory(atPath: Self.folder.path()).sorted() {
            let files = try manager.contentsOfDirectory(atPath: Self.folder.appending(path: role).path())
            for name in files.sorted() where name.hasSuffix(".sql") {
                let data = try Data(contentsOf: Self.folder.appending(path: role).appending(path: name))
                onDisk.append(MigrationFile(role: role, name: name, text: String(decoding: data, as: UTF8.self)))
            }
        }
        #expect(!onDisk.isEmpty)
        try #require(EmbeddedMigrations.files.map(\.path) == onDisk.map(\.path), "run make generate")
        for (embedded, file) in zip(EmbeddedMigrations.files, onDisk) {
            let isSame = embedded == file
            #expect(isSame, "\(file.path) has changed: run make generate")
        }
    }

    @Test func everyRoleHasASetWithoutGaps() throws {
        #expect(MigrationSet.roles == ["customers", "gateway", "orders", "products", "reviews"])
        for role in MigrationSet.roles {
            #expect(try MigrationSet.for(role).latest > 0)
        }
    }
}
