import Logging
import Postgres

extension MigrationRunner {
    /// Creates the database unless it is there, through the server's maintenance database.
    ///
    /// - Returns: whether it was created by this call.
    func makeDatabase() async throws(MigrationError) -> Bool {
        let name = configuration.database
        var runner = self
        runner.configuration = configuration.withDatabase("postgres")
        return try await runner.withSession { session in
            let found = try await session.query("SELECT 1 FROM pg_database WHERE datname = \(name)")
            guard found.isEmpty else { return false }
            do {
                // From template0 it is UTF-8 whatever the server's own locale is.
                try await session.query(
                    "CREATE DATABASE \(unescaped: quotedIdentifier(name)) ENCODING 'UTF8' TEMPLATE template0")
            } catch let error as PostgresError where error.isDatabaseThere {
                // Another migrator was faster.
                return false
            }
            logger.info("created database", metadata: ["database": "\(name)"])
            return true
        }
    }
}

/// A name as SQL takes it whatever it is made of.
private func quotedIdentifier(_ name: String) -> String {
    "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
}

extension PostgresError {
    /// Creating a database met the same one; which of the two codes it is depends on how close they were.
    fileprivate var isDatabaseThere: Bool {
        sqlState == .duplicateDatabase || sqlState == .uniqueViolation
    }
}
