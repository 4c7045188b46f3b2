/// The point up to which migrations are to be run.
public enum MigrationTarget: Sendable, Equatable {
    /// As far as they go.
    case end
    /// Until the database is at this version; 0 is an empty one.
    case version(Int64)
    /// So many, or as many as there are.
    case steps(Int)
}

extension MigrationSet {
    /// The migrations that lead from a version to a target, in the order they are run.
    ///
    /// - Throws: `MigrationError.invalidTarget` for a version that is unknown, or lies the other way.
    func path(
        _ direction: MigrationDirection, from current: Int64, to target: MigrationTarget
    ) throws(MigrationError) -> [Migration] {
        if case .version(let version) = target {
            guard version == 0 || self[version] != nil else {
                throw .invalidTarget(version, reason: "the versions known for \(role) end at \(latest)")
            }
            if direction == .up ? version < current : version > current {
                let other = direction == .up ? "down" : "up"
                throw .invalidTarget(version, reason: "the database is at \(current); that way is \(other)")
            }
        }
        let all =
            direction == .up
            ? migrations.filter { $0.version > current } : migrations.filter { $0.version <= current }.reversed()
        switch target {
        case .end: return all
        case .steps(let count): return Array(all.prefix(count))
        case .version(let version):
            return all.filter { direction == .up ? $0.version <= version : $0.version > version }
        }
    }
}
