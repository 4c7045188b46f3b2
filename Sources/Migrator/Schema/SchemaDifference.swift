import Postgres

/// Something that a schema lacks, or has otherwise than the migrations make it. What it has besides is none.
public struct SchemaDifference: Sendable, Equatable, CustomStringConvertible {
    let expected: SchemaFact
    /// The definition that was found; nil if the thing is missing.
    let found: String?
    /// The migration that makes it, as in `3_customers`; nil where none names it.
    let origin: String?

    /// Whether statements fail by it, or may do what they must not; else they are only slow.
    public var isGrave: Bool {
        expected.key.kind != .index || expected.definition.hasPrefix("CREATE UNIQUE ")
    }

    public var description: String {
        let key = expected.key
        let from = origin.map { " (migration \($0))" } ?? ""
        let definition = expected.definition
        switch (key.kind, found) {
        case (.table, _), (.view, _): return "\(key.kind.rawValue) \(key.relation) is missing\(from)"
        case (.column, nil): return "\(key.relation).\(key.name): no such column, expected \(definition)\(from)"
        case (.column, let found?):
            let mend = definition.replacing(" not null", with: "") == found ? ": \(notNull)" : ""
            return "\(key.relation).\(key.name) is \(found), expected \(definition)\(from)\(mend)"
        case (.index, nil):
            // Nobody waits for it meanwhile.
            let statement = definition.replacing(" INDEX ", with: " INDEX CONCURRENTLY ", maxReplacements: 1)
            return "\(key.kind.rawValue) \(key.name) of \(key.relation) is missing\(from): \(statement)"
        case (_, nil):
            return "\(key.kind.rawValue) \(key.name) of \(key.relation) is missing\(from): \(definition)"
        case (_, let found?):
            return "\(key.kind.rawValue) \(key.name) of \(key.relation) is \(found), expected \(definition)\(from)"
        }
    }

    /// The statements that forbid NULL again: rows that have it are found without keeping others from the table.
    private var notNull: String {
        let (table, column) = ("ALTER TABLE \(expected.key.relation)", expected.key.name)
        return "\(table) ADD CONSTRAINT filled CHECK (\(column) IS NOT NULL) NOT VALID; "
            + "\(table) VALIDATE CONSTRAINT filled; \(table) ALTER COLUMN \(column) SET NOT NULL; "
            + "\(table) DROP CONSTRAINT filled"
    }

    /// Compares what must be there with what is there; the grave ones come first.
    ///
    /// - Parameter isOfOtherVersion: They are of servers of different major versions.
    static func all(
        _ expected: [SchemaFact], _ found: [SchemaFact], _ migrations: MigrationSet, isOfOtherVersion: Bool = false
    ) -> [SchemaDifference] {
        let there = Dictionary(found.map { ($0.key, $0.definition) }, uniquingKeysWith: { first, _ in first })
        let gone = Set(expected.filter { $0.isRelation && there[$0.key] == nil }.map(\.key.relation))
        // Somebody keeps it by month, say: its keys then hold what it is parted by, and nothing can refer to them alone.
        let parted = Set(found.filter(\.isPartitioned).map(\.key.relation))
        let constraints = Set(
            expected.filter { $0.key.kind == .constraint }.map { "\($0.key.relation).\($0.key.name)" })
        let differences = expected.compactMap { fact -> SchemaDifference? in
            // The table's absence tells of all that it has; the constraint of the index that it is kept by.
            if !fact.isRelation, gone.contains(fact.key.relation) { return nil }
            if fact.key.kind == .index, constraints.contains("\(fact.key.relation).\(fact.key.name)") { return nil }
            if [.index, .constraint].contains(fact.key.kind), parted.contains(fact.key.relation) { return nil }
            let definition = there[fact.key]
            if let definition,
                fact.isRelation || fact.agrees(with: definition, isOfOtherVersion: isOfOtherVersion)
            {
                return nil
            }
            return SchemaDifference(expected: fact, found: definition, origin: migrations.origin(of: fact.key)?.name)
        }
        return differences.filter(\.isGrave) + differences.filter { !$0.isGrave }
    }
}

/// A schema beside what the migrations make.
public struct SchemaComparison: Sendable {
    public let differences: [SchemaDifference]
    /// The parts that were left out, and why; nil for none.
    public let uncompared: String?
}

extension MigrationRunner {
    /// Compares the schema with what the migrations have made.
    ///
    /// - Returns: Nil where there is nothing to compare with: the migrations are not this binary's, the database has
    ///   another version than their latest, or somebody migrates it just now.
    public func compareSchema() async throws(MigrationError) -> SchemaComparison? {
        guard migrations.isEmbedded else { return nil }
        return try await withShop { session in
            let version = try await VersionTable.read(on: session)
            guard version == .version(migrations.latest, dirty: false) else { return nil }
            let lock = try await lock(on: session)
            guard try await lock.holder(on: session) == nil else { return nil }
            return try await comparison(on: session)
        }
    }

    /// Compares the schema with that of this binary's latest version.
    func comparison(on session: PostgresSession) async throws -> SchemaComparison {
        let (known, server) = (EmbeddedSchemas.serverVersion, try await SchemaFact.serverVersion(on: session))
        let differences = SchemaDifference.all(
            SchemaFact.expected(of: migrations.role), try await SchemaFact.all(on: session), migrations,
            isOfOtherVersion: server != known)
        let uncompared = """
            the SQL of indexes, constraints and triggers was not compared: it is known as PostgreSQL \(known) \
            spells it, and this is \(server)
            """
        return SchemaComparison(differences: differences, uncompared: server == known ? nil : uncompared)
    }
}

extension MigrationSet {
    /// The latest migration that makes a thing or gives it its name; that of its table where none names it.
    func origin(of key: SchemaFact.Key) -> Migration? {
        let made = migrations.last { $0.makes(key) }
        guard made == nil, !key.name.isEmpty else { return made }
        return migrations.last { $0.makes(.init(kind: .table, relation: key.relation, name: "")) }
    }
}

extension Migration {
    fileprivate func makes(_ key: SchemaFact.Key) -> Bool {
        func words(_ text: Substring) -> [String] {
            text.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init)
        }
        let lines = up.split(separator: "\n").filter { !$0.hasPrefix("--") }.map { words($0) }
        let name = key.name.isEmpty ? key.relation : key.name
        let naming = lines.filter { $0.contains(name) }
        switch key.kind {
        case .table, .view, .index, .trigger:
            let before = [key.kind.rawValue.uppercased(), "EXISTS", "CONCURRENTLY"]
            return naming.contains { line in
                line.first == "CREATE" && zip(line, line.dropFirst()).contains { before.contains($0) && $1 == name }
                    || line.suffix(3) == ["RENAME", "TO", name]
            }
        case .constraint: return naming.contains { $0.contains("CONSTRAINT") && !$0.contains("DROP") }
        case .column:
            guard lines.contains(where: { $0.contains(key.relation) }) else { return false }
            return naming.contains { line in line.first == name || line.contains("ADD") || line.last == name }
        }
    }
}
