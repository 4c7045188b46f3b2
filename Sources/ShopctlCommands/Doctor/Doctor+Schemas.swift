import Hosting
import Migrator

/// The schemas of the databases.
extension Doctor {
    /// Compares those that have this program's version with what its migrations make.
    func checkSchemas(_ shop: ShopStatus, _ seen: inout DoctorExamination) async {
        let plan = MigrationPlan(roles: Role.allCases, configuration: configuration)
        var uncompared: [String: [String]] = [:]
        for database in shop.databases {
            guard case .there? = database.answer.value?.standing else { continue }
            let role = database.role
            do {
                guard let found = try await plan.runner(role).compareSchema() else { continue }
                seen.findings += DoctorFinding.schema(found.differences, of: role)
                if let reason = found.uncompared { uncompared[reason, default: []].append(role.rawValue) }
                seen.checked.append("\(role.rawValue)_schema")
            } catch {
                seen.unchecked.append(("schema of \(role.rawValue)", MigrationFailures.text(of: error)))
            }
        }
        for (reason, roles) in uncompared.sorted(by: { $0.key < $1.key }) {
            seen.uncompared.append(("schema of \(roles.joined(separator: ", "))", reason))
        }
    }
}

extension DoctorFinding {
    /// A finding of what somebody has changed in a schema, unless there is nothing.
    static func schema(_ differences: [SchemaDifference], of role: Role) -> [DoctorFinding] {
        guard !differences.isEmpty else { return [] }
        let what = differences.count == 1 ? "1 thing in its schema is" : "\(differences.count) things in its schema are"
        let (kind, text) = ("schema_wrong", "\(what) not as the migrations make it: restore it by hand")
        let next = "shopctl migrate verify --role \(role.rawValue)"
        let finding: StatusFinding =
            differences.contains(where: \.isGrave)
            ? .critical(kind, role.rawValue, text, next: next) : .warning(kind, role.rawValue, text, next: next)
        return [DoctorFinding(finding, evidence: differences.map { "\($0)" })]
    }
}
