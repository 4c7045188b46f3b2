/// Something that an operator should see to.
struct StatusFinding: Sendable, Equatable {
    /// The words of a monitor; the exit statuses of `--check`.
    enum Severity: String, Sendable, Comparable {
        case warning
        case critical

        static func < (one: Severity, other: Severity) -> Bool { one == .warning && other == .critical }
    }

    let severity: Severity
    /// A stable word for programs.
    let kind: String
    /// The process, role, service or backend that it is about.
    let subject: String
    let text: String
    /// The command that goes on.
    var next: String

    static func warning(_ kind: String, _ subject: String, _ text: String, next: String) -> StatusFinding {
        StatusFinding(severity: .warning, kind: kind, subject: subject, text: text, next: next)
    }

    static func critical(_ kind: String, _ subject: String, _ text: String, next: String) -> StatusFinding {
        StatusFinding(severity: .critical, kind: kind, subject: subject, text: text, next: next)
    }
}

extension ShopStatus {
    /// The worst first; of equally bad ones causes go before what follows from them.
    var findings: [StatusFinding] {
        let queues = queueFindings
        // Letters that were given up on stay where they are; what is not in a queue is lost meanwhile.
        let told =
            backendFindings + queues.filter { !Self.patientKinds.contains($0.kind) } + lossFindings
            + queues.filter { Self.patientKinds.contains($0.kind) } + processFindings + sagaFindings + outboxFindings
        let all = told + checkFindings(besides: told)
        return all.filter { $0.severity == .critical } + all.filter { $0.severity == .warning }
    }

    /// The kinds of findings about queues of which nothing is lost while nobody sees to them.
    private static let patientKinds: Set = ["dead_letters", "retrying", "queue_retired"]

    /// `ok`, or the severity of the worst finding.
    var level: String { findings.first?.severity.rawValue ?? "ok" }
}
