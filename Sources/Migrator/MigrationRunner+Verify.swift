import Postgres

/// A comparison of what was applied with the migrations at hand.
public struct MigrationVerification: Sendable {
    /// The facts known of a version.
    public enum State: String, Sendable, CaseIterable {
        /// Applied from the very SQL that is at hand.
        case same
        /// Applied from other SQL.
        case changed
        /// Applied before there was a history, or by another program.
        case unrecorded
        /// Applied, and not among the migrations at hand.
        case missing
        case pending
    }

    /// One version.
    public struct Entry: Sendable {
        /// Its number.
        public let version: Int64
        /// Its title, from the file or the history.
        public let title: String
        /// The facts known of it.
        public let state: State
        /// The checksum of the SQL it was applied from.
        public let recorded: String?
        /// The checksum of the SQL at hand.
        public let current: String?
    }

    /// The role whose migrations they are.
    public let role: String
    /// The database.
    public let database: String
    /// Its version; 0 for none.
    public let version: Int64
    /// Every version that is known, in order.
    public let entries: [Entry]

    /// Whether nothing that was applied differs from what is at hand.
    public var isSound: Bool { !entries.contains { $0.state == .changed || $0.state == .missing } }
}

extension MigrationRunner {
    /// Compares what was applied with the migrations at hand, and changes nothing.
    public func verify() async throws(MigrationError) -> MigrationVerification {
        try await withShop { session in
            let version: Int64
            switch try await VersionTable.read(on: session) {
            case .absent:
                try await VersionTable.refuseSecond(database: configuration.database, on: session)
                version = 0
            case .foreign(let reason):
                throw MigrationError.foreignVersionTable(database: configuration.database, reason: reason)
            case .version(let found, _): version = found
            }
            let history = try await MigrationHistory.read(on: session)
            return MigrationVerification(
                role: migrations.role, database: configuration.database, version: version,
                entries: entries(at: version, history))
        }
    }

    /// The deeds to the database's schema, the latest first.
    public func history() async throws(MigrationError) -> [MigrationDeed] {
        try await withShop { session in try await MigrationHistory.read(on: session) }
    }

    private func entries(at version: Int64, _ history: [MigrationDeed]) -> [MigrationVerification.Entry] {
        var entries = migrations.migrations.map { migration in
            let recorded = history.checksum(of: migration.version)
            let state: MigrationVerification.State =
                if migration.version > version {
                    .pending
                } else if let recorded {
                    recorded == migration.checksum ? .same : .changed
                } else {
                    .unrecorded
                }
            return MigrationVerification.Entry(
                version: migration.version, title: migration.title, state: state,
                recorded: state == .pending ? nil : recorded, current: migration.checksum)
        }
        var known = Set(migrations.migrations.map(\.version))
        for deed in history where deed.version <= version && deed.checksum != nil && known.insert(deed.version).inserted
        {
            entries.append(
                .init(version: deed.version, title: deed.title, state: .missing, recorded: deed.checksum, current: nil))
        }
        if version > 0, known.insert(version).inserted {
            entries.append(.init(version: version, title: "", state: .missing, recorded: nil, current: nil))
        }
        return entries.sorted { $0.version < $1.version }
    }
}
