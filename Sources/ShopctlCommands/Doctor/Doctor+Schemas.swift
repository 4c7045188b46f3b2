import Hosting
import Migrator

/// The schemas of the databases.
extension Doctor {
    /// Compares those that have this program's version with what its migrations make.
    func checkSchemas(_ shop: ShopStatus, _ seen: inout DoctorExamination) async {
        let plan = MigrationPlan(roles: Role.allCases, configuration: configuration)
        for database in shop.databases {
            guard case .there? = database.answer.value?.standing else { continue }
            let role = database.role
            do {
                guard let differences = try await plan.runner(role).schemaDifferences() else { continue }
                seen.findings += DoctorFinding.schema(differences, of: role)
                seen.checked.append("\(role.rawValue)_schema")
            } catch {
                seen.unchecked.append(("schema of \(role.rawValue)", MigrationFailures.text(of: error)))
            }
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
