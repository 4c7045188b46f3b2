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
        /// Passed over: the database went past its version without it.
        case neverApplied = "never_applied"
        case pending

        /// Whether what was applied differs from what is at hand.
        public var isFault: Bool { self == .changed || self == .missing || self == .neverApplied }
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
    /// The version that was applied where ``version`` is lower; nil where it is not.
    public let understated: Int64?

    /// Whether nothing that was applied differs from what is at hand.
    public var isSound: Bool {
        understated == nil && !entries.contains { $0.state.isFault }
    }
}

extension MigrationRunner {
    /// Compares what was applied with the migrations at hand, and changes nothing.
    public func verify() async throws(MigrationError) -> MigrationVerification {
        try await withShop { session in
            let version: Int64
            var isDirty = false
            // Before the version: what is applied meanwhile is then not taken for a version that is too low.
            let history = try await MigrationHistory.read(on: session)
            switch try await VersionTable.read(on: session) {
            case .absent:
                try await VersionTable.refuseSecond(database: configuration.database, on: session)
                version = 0
            case .foreign(let reason):
                throw MigrationError.foreignVersionTable(database: configuration.database, reason: reason)
            case .version(let found, let dirty):
                version = found
                isDirty = dirty
            }
            let applied = try await isDirty ? nil : understated(version, history, on: session)
            return MigrationVerification(
                role: migrations.role, database: configuration.database, version: version,
                entries: entries(at: version, history),
                understated: applied)
        }
    }

    /// Names of the applied migrations whose SQL at hand is another.
    func changed(at version: Int64, _ history: [MigrationDeed]) -> [String] {
        entries(at: version, history).filter { $0.state == .changed }.map { "\($0.version)_\($0.title)" }
    }

    /// Names of the migrations at hand that the database went past without them.
    func passedOver(at version: Int64, _ history: [MigrationDeed]) -> [String] {
        entries(at: version, history).filter { $0.state == .neverApplied }.map { "\($0.version)_\($0.title)" }
    }

    /// The version that was applied, if it is higher than the database's; nil if it is not, or that is not known.
    func understated(
        _ version: Int64, _ history: [MigrationDeed], on session: PostgresSession
    ) async throws -> Int64? {
        guard let applied = history.version(migrations), applied > version, migrations[applied] != nil else {
            return nil
        }
        guard migrations.isEmbedded, applied == migrations.latest else { return applied }
        // What golang-migrate takes back is in no history: then the schema lacks it.
        let later = Set(migrations.migrations.filter { $0.version > version }.map(\.name))
        let lacks = try await comparison(on: session).differences.contains { difference in
            difference.found == nil && difference.origin.map(later.contains) ?? false
        }
        return lacks ? nil : applied
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
                    // This program's own have no number between two others.
                    !migrations.isEmbedded && history.wentPast(migration.version) ? .neverApplied : .unrecorded
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
