import Postgres

extension MigrationRunner {
    /// The standing of the database.
    ///
    /// - Parameter isSeekingBlockers: Whether sessions are told that keep others from a table.
    public func status(seekingBlockers isSeekingBlockers: Bool = true) async throws(MigrationError) -> MigrationStatus {
        try await withShop { session in
            var anomalies: [MigrationStatus.Anomaly] = []
            var version: Int64?
            // Before the version: what is applied meanwhile is then not taken for a version that is too low.
            let history = try await MigrationHistory.read(on: session)
            switch try await VersionTable.read(on: session) {
            case .absent:
                try await VersionTable.refuseSecond(database: configuration.database, on: session)
                version = 0
            case .version(let found, let dirty):
                version = found
                if dirty { anomalies.append(.dirty(version: found)) }
                if found != 0, migrations[found] == nil { anomalies.append(.unknownVersion(found)) }
            case .foreign(let reason):
                anomalies.append(.foreignVersionTable(reason: reason))
            }
            let lock = try await lock(on: session)
            if let holder = try await lock.holder(on: session) {
                anomalies.append(.locked(holder))
            } else if let version, anomalies.isEmpty,
                let applied = try await understated(version, history, on: session)
            {
                anomalies.append(.understated(version: version, applied: applied))
            }
            anomalies += try await InvalidIndex.all(on: session).map { .invalidIndex($0.name) }
            if let reason = try await Self.reasonOfReadOnly(on: session) {
                anomalies.append(.readOnly(reason: reason))
            }
            let blockers = isSeekingBlockers ? try await BlockingSession.all(on: session) : []
            let applied = version ?? 0
            let passedOver = passedOver(at: applied, history)
            if !passedOver.isEmpty { anomalies.append(.passedOver(passedOver)) }
            return MigrationStatus(
                role: migrations.role, database: configuration.database, version: version,
                entries: migrations.migrations.map {
                    .init(
                        version: $0.version, title: $0.title,
                        isApplied: $0.version <= applied && !passedOver.contains($0.name))
                },
                anomalies: anomalies, blockers: blockers, changed: changed(at: applied, history))
        }
    }

    /// The reason why the database takes no writes; nil if it does.
    private static func reasonOfReadOnly(on session: PostgresSession) async throws -> String? {
        let rows = try await session.query(
            """
            SELECT pg_is_in_recovery() AS is_standby, setting::bool AS is_set, source
            FROM pg_settings WHERE name = 'default_transaction_read_only'
            """)
        guard let row = rows.first else { return nil }
        if try row.decode("is_standby") { return "the server is a standby" }
        guard try row.decode("is_set") else { return nil }
        return "default_transaction_read_only is on, set by: \(try row.decode("source", as: String.self))"
    }
}
