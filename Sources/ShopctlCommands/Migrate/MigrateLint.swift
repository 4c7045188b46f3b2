import ArgumentParser
import Hosting
import Migrator

extension MigrateCommand {
    /// `shopctl migrate lint`
    struct MigrateLint: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "lint",
            abstract: "Find what would keep a running shop waiting, or break the version before.",
            discussion: """
                Looks at ways up, and asks no database; of what a file itself creates nothing is told. Rules: \
                \(LintRule.allCases.map(\.rawValue).joined(separator: ", ")). Where a statement is right as it is, a \
                comment above it says so, with the reason: -- lint:ignore RULE reason. The exit status is 2 if \
                anything is found that has no such comment. With --dir the files are those of a role's folder, or of \
                all folders in it.

                EXAMPLES:
                  shopctl migrate lint
                  shopctl migrate lint --role orders -o json
                  shopctl migrate lint --dir migrations/orders
                  shopctl migrate lint --dir migrations
                """)

        @OptionGroup var roles: Roles
        @Option(
            help: ArgumentHelp("The files of this folder, not this binary's own.", valueName: "folder"),
            completion: .directory)
        var dir: String?
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard dir == nil || roles.chosen.isEmpty else { throw ValidationError("say --role or --dir, not both") }
        }

        func run(_ context: CommandContext) async throws {
            var report = LintReport()
            if let dir {
                for folder in try MigrationFolder(path: dir).parts() {
                    report.add(try MigrationLint.findings(in: folder))
                }
            } else {
                for role in roles.all { report.add(try MigrationLint.findings(role: role.rawValue)) }
            }
            try output.write(report, context)
            guard report.findings.isEmpty else {
                let count = report.findings.count
                throw CommandFailure(
                    .no, "\(count) \(count == 1 ? "thing" : "things") in migrations would get in the way",
                    hint: "shopctl error 511", code: .migrationLint)
            }
        }
    }
}

/// Findings in migrations.
struct LintReport: Report {
    private(set) var files = 0
    private(set) var findings: [LintFinding] = []
    private(set) var ignored: [LintFinding] = []

    mutating func add(_ found: (files: Int, findings: [LintFinding])) {
        files += found.files
        findings += found.findings.filter { $0.excuse == nil }
        ignored += found.findings.filter { $0.excuse != nil }
    }

    private func records(_ findings: [LintFinding]) -> OutputValue {
        .records(
            findings.map { finding in
                [
                    "file": .text(finding.file), "line": .count(finding.line), "rule": .text(finding.rule.rawValue),
                    "message": .text(finding.message), "fix": .text(finding.fix), "excuse": .optional(finding.excuse),
                ]
            })
    }

    var body: ReportBody {
        .one(["files": .count(files), "findings": records(findings), "ignored": records(ignored)])
    }

    func table(_ style: TextStyle) -> String {
        var text = ""
        for finding in findings {
            text += style.apply(.bold, Printable.line("\(finding.file):\(finding.line)"))
            text += ": \(finding.rule.rawValue): \(Printable.line(finding.message))\n"
            text += "    fix: \(Printable.line(finding.fix))\n"
        }
        return text + "\(files) files, \(findings.count) found, \(ignored.count) ignored with a reason\n"
    }
}
