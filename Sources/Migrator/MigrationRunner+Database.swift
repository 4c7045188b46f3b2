import Logging
import Postgres

extension MigrationRunner {
    /// Creates the database unless it is there, through the server's maintenance database.
    ///
    /// - Returns: whether it was created by this call.
    @discardableResult
    public func makeDatabase() async throws(MigrationError) -> Bool {
        let name = configuration.database
        var runner = self
        runner.configuration = configuration.withDatabase("postgres")
        return try await runner.withSession { session in
            let found = try await session.query("SELECT 1 FROM pg_database WHERE datname = \(name)")
            guard found.isEmpty else { return false }
            guard try await create(name, on: session) else { return false }
            logger.info("created database", metadata: ["database": "\(name)"])
            return true
        }
    }

    /// Creates the database in UTF-8, with a locale that knows letters beyond ASCII: where the server's own is C or has
    /// another encoding, the first one that the server has.
    ///
    /// - Returns: whether this call did it, and not another migrator that was faster.
    private func create(_ name: String, on session: PostgresSession) async throws -> Bool {
        let own: String? = try await session.query(
            "SELECT datctype::text AS ctype FROM pg_database WHERE datname = 'template0'"
        ).first?.decode("ctype")
        let isPlain = own == "C" || own == "POSIX"
        let locales = (isPlain ? [] : [""]) + ["C.UTF-8", "C.utf8", "en_US.UTF-8"]
        // From template0 it is UTF-8 whatever the server's own encoding is.
        let statement = "CREATE DATABASE \(quotedIdentifier(name)) ENCODING 'UTF8' TEMPLATE template0"
        for locale in locales {
            do {
                let clause = locale.isEmpty ? "" : " LC_CTYPE '\(locale)'"
                try await session.query("\(unescaped: statement + clause)")
                return true
            } catch let error as PostgresError where error.isDatabaseThere {
                return false
            } catch let error as PostgresError where error.isUnknownLocale && locale != locales.last {
                continue
            }
        }
        return false
    }
}

/// A name as SQL takes it whatever it is made of.
private func quotedIdentifier(_ name: String) -> String {
    "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
}

extension PostgresError {
    fileprivate var isUnknownLocale: Bool {
        // No such locale; one of another encoding.
        sqlState?.rawValue == "42809" || sqlState?.rawValue == "22023"
    }

    /// Creating a database met the same one; which of the two codes it is depends on how close they were.
    fileprivate var isDatabaseThere: Bool {
        sqlState == .duplicateDatabase || sqlState == .uniqueViolation
    }
}
