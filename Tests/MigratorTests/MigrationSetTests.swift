import Testing

@testable import Migrator

@Suite struct MigrationSetTests {
    private func file(_ name: String, _ text: String = "SELECT 1;") -> MigrationFile {
        MigrationFile(role: "shop", name: name, text: text)
    }

    private func refusal(_ files: [MigrationFile]) -> String? {
        do throws(MigrationError) {
            _ = try MigrationSet(role: "shop", files: files)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func filesArePairedAndOrderedByVersionNotByName() throws {
        let set = try MigrationSet(
            role: "shop",
            files: [
                file("10_ten.up.sql"), file("10_ten.down.sql"),
                file("2_a_b.down.sql", "SELECT 'down';"), file("2_a_b.up.sql", "SELECT 'up';"),
            ] + [1, 3, 4, 5, 6, 7, 8, 9].flatMap { [file("\($0)_t.up.sql"), file("\($0)_t.down.sql")] })
        #expect(set.migrations.map(\.version) == Array(1...10))
        #expect(set.latest == 10)
        #expect(set[2] == Migration(version: 2, title: "a_b", up: "SELECT 'up';", down: "SELECT 'down';"))
        #expect(set[0] == nil)
        #expect(set[11] == nil)
    }

    @Test(arguments: [
        ("first.up.sql", "{version}_{title}"), ("x1_first.up.sql", "digits"), ("1_.up.sql", "no title"),
        ("1_first.sql", ".up.sql or .down.sql"), ("99999999999999999999_first.up.sql", "digits"),
    ])
    func aNameThatIsNoneIsRefused(name: String, reason: String) {
        #expect(refusal([file(name)])?.contains(reason) == true)
        #expect(refusal([file(name)])?.contains("shop/\(name)") == true)
    }

    @Test func aVersionThatIsThereTwiceIsRefused() {
        let files = [
            file("1_first.up.sql"), file("1_first.down.sql"),
            file("000001_other.up.sql"), file("000001_other.down.sql"),
        ]
        #expect(refusal(files)?.contains("000001_other.up.sql: its version is that of 1_first.up.sql too") == true)
    }

    @Test func aGapIsRefused() {
        let files = [1, 3].flatMap { [file("\($0)_t.up.sql"), file("\($0)_t.down.sql")] }
        #expect(refusal(files)?.contains("3_t.up.sql: version 2 is expected here") == true)
        #expect(refusal([file("2_t.up.sql"), file("2_t.down.sql")])?.contains("version 1 is expected") == true)
    }

    @Test func aHalfWithoutItsOtherIsRefused() {
        #expect(refusal([file("1_t.up.sql")])?.contains("1_t.up.sql: its other half") == true)
        #expect(refusal([file("1_t.up.sql"), file("1_u.down.sql")])?.contains("another title: 1_u.down.sql") == true)
    }

    @Test func aFileThatBeginsOrEndsTransactionsIsRefused() {
        let files = [file("1_t.up.sql", "CREATE TABLE a ();\n-- kept\ncommit;"), file("1_t.down.sql")]
        #expect(refusal(files)?.contains("1_t.up.sql: it says COMMIT") == true)
    }

    @Test func anEmptyFileIsRefused() {
        let files = [file("1_t.up.sql", "-- nothing yet\n;"), file("1_t.down.sql")]
        #expect(refusal(files)?.contains("1_t.up.sql: it has no statement") == true)
    }

    @Test func aRoleThatIsNotKnownIsRefusedByName() {
        #expect {
            _ = try MigrationSet.for("warehouse")
        } throws: { error in
            "\(error)".contains("'warehouse'") && "\(error)".contains("gateway")
        }
    }
}
