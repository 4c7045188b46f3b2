import Logging
import Postgres

/// Migrations that run outside of a transaction.
extension MigrationWork {
    /// Runs a script that a transaction cannot hold, then records the version.
    ///
    /// What may leave a half behind is marked dirty meanwhile, as golang-migrate does it; indexes that are built
    /// concurrently are not, since what an earlier run has left of them is found and mended.
    ///
    /// - Returns: Names of indexes that were INVALID and were built again.
    func runUnbound(
        _ migration: Migration, _ direction: MigrationDirection, _ script: SQLScript, _ mode: MigrationMode
    ) async throws -> [String] {
        let started = ContinuousClock.now
        let isAgain = try await MigrationHistory.read(on: session).isBegun(migration)
        var rebuilt: [String] = []
        let begun = MigrationHistory.record(.begun, migration, by: author)
        if mode.leavesHalves {
            let version = direction == .up ? migration.version : migrations.version(before: migration.version)
            try await session.batch(VersionTable.record(version, isDirty: true) + [begun])
        } else {
            try await session.query(begun)
        }
        if mode == .own {
            try await session.execute(script: migration.text(direction) ?? "")
            // A file that ends nothing it has begun would keep the record from being committed.
            try await session.execute(script: "COMMIT")
        } else {
            for statement in script.statements {
                switch ConcurrentIndexStatement(statement) {
                case .create(let index?):
                    if let isValid = try await isValid(index) {
                        // Built by a run that ended before it could record so.
                        if isValid, isAgain { continue }
                        if !isValid {
                            logger.notice("building an INVALID index again", metadata: ["index": "\(index)"])
                            try await session.execute(script: "DROP INDEX CONCURRENTLY \(index)")
                            rebuilt.append(index)
                        }
                    }
                case .drop(let index):
                    if isAgain, try await isValid(index) == nil { continue }
                case .create(nil), .rebuild, nil: break
                }
                try await session.execute(script: statement.text)
            }
        }
        let span = ContinuousClock.now - started
        try await session.batch(record(migration, direction, milliseconds: Int64(span / .milliseconds(1))))
        return rebuilt
    }

    /// What an earlier run of a migration has left behind, and is not to be run as it stands.
    func leftovers(of migration: Migration, _ history: [MigrationDeed]) async throws -> MigrationLeftovers {
        var found = MigrationLeftovers()
        let script = SQLScript(migration.up)
        guard [.concurrent, .unbound].contains(MigrationMode(script)) else { return found }
        let isAgain = history.isBegun(migration)
        for (place, statement) in script.statements.enumerated() {
            switch ConcurrentIndexStatement(statement) {
            case .create(let index?):
                switch try await isValid(index) {
                case true? where isAgain: found.done.insert(place)
                case false?: found.invalid.append(index)
                default: break
                }
            case .drop(let index):
                if isAgain, try await isValid(index) == nil { found.done.insert(place) }
            case .create(nil), .rebuild, nil: break
            }
        }
        return found
    }

    /// Whether an index can be used; nil if there is none of that name.
    private func isValid(_ index: String) async throws -> Bool? {
        try await session.query(
            "SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = to_regclass(\(index)::text)"
        ).first?.decode("valid")
    }
}

/// The remains of a migration's run outside of a transaction.
struct MigrationLeftovers: Sendable {
    /// Names of INVALID indexes, as they stand in the statements that build them.
    var invalid: [String] = []
    /// Places of the statements that have done their work.
    var done: Set<Int> = []
}
