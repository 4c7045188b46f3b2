import Glibc
import Testing

@testable import DevStack

@Suite struct InstallationTests {
    @Test func everythingMissingIsNamedAtOnceWithItsPackage() throws {
        var search = Installation.SearchPath(path: nil)
        search.postgresVersions = "/nonexistent"
        search.rabbitmqPrograms = "/nonexistent"
        search.directories = ["/nonexistent"]
        let error = #expect(throws: DevStackError.self) {
            try Installation.find(Set(ServerKind.allCases), in: search)
        }
        let text = "\(try #require(error))"
        let named = [
            "postgres (package postgresql)", "rabbitmq-server (package rabbitmq-server)",
            "redis-server (package redis-server)", "apt-get install --no-install-recommends postgresql ",
        ]
        for words in named { #expect(text.contains(words)) }
    }

    @Test func onlyWhatIsAskedForMustBeThere() throws {
        var search = Installation.SearchPath(path: nil)
        search.postgresVersions = "/nonexistent"
        search.rabbitmqPrograms = "/nonexistent"
        #expect(throws: Never.self) { try Installation.find([.redis], in: search) }
    }

    @Test func theVersionOfTheDataIsAskedFor() throws {
        let error = #expect(throws: DevStackError.self) {
            try Installation.find([.postgres], postgresMajor: "9", in: Installation.SearchPath(path: nil))
        }
        #expect(error == .missingPrograms([MissingProgram(name: "postgres", package: "postgresql-9")]))
    }

    @Test(.enabled(if: geteuid() == 0, "only root runs PostgreSQL as another user"))
    func aDirectoryPostgreSQLMayNotEnterIsNamed() throws {
        let parent = "/tmp/devstack-tests-\(randomHex(bytes: 6))"
        try makeDirectory(parent, mode: 0o700)
        defer { removeTree(parent) }
        let account = try #require(try ServiceAccount.forPostgres())
        let error = #expect(throws: DevStackError.self) { try account.checkReach(parent + "/data/postgres") }
        #expect("\(try #require(error))".contains("may not enter \(parent)"))
    }
}
