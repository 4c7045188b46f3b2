import FoundationEssentials

/// The doctor's findings.
struct DoctorReport: Report {
    let at: Date
    var seen: DoctorExamination
    /// Whether things that can be mended were mended, or would be.
    let fixes: Bool
    let isDryRun: Bool

    /// The findings that still stand.
    var standing: [DoctorFinding] { seen.findings.filter { !$0.isFixed } }

    var body: ReportBody {
        .one([
            "at": .text(Timestamp.text(at)), "complete": .bool(seen.isComplete),
            "sources": .records(seen.sources.map(\.output)), "checked": .texts(seen.checked),
            "not_checked": .records(
                seen.notChecked.map { ["what": .text($0.what), "reason": .text($0.reason)] }),
            "findings": .records(seen.findings.map(\.output)), "fix": .bool(fixes), "dry_run": .bool(isDryRun),
        ])
    }

    func table(_ style: TextStyle) -> String {
        var table = Table([
            .left("SOURCE"), .left("STATE"), .left("VERSION", whole: true), .right("CLOCK"), .left("REASON"),
        ])
        for source in seen.sources {
            let word = source.state.map { $0 == "_" ? " " : String($0) }.joined()
            table.add([
                .plain(source.name), .styled(word, source.state == "ok" ? .green : .red),
                .plain(source.version ?? ""), .plain(source.clock),
                .plain(source.sharedServer.map { "see PostgreSQL at \($0)" } ?? source.reason ?? ""),
            ])
        }
        var text = table.text(style.ofPart) + "\n"
        for server in seen.away {
            text += "\(style.apply(.red, "away")) \(Printable.line("\(server.name): \(server.reason)"))\n"
        }
        if !seen.away.isEmpty { text += "  \(Printable.line(AwayServer.advice(seen.away)))\n" }
        for finding in seen.findings { text += lines(finding, style) }
        for (what, reason) in seen.unchecked + seen.uncompared {
            text += "\(style.apply(.dim, "not checked")) \(Printable.line("\(what): \(reason)"))\n"
        }
        let count = seen.checked.count
        if seen.findings.isEmpty {
            let isWell = seen.isComplete && seen.sources.allSatisfy { $0.state == "ok" }
            let verdict = isWell ? "all is well" : "what could be looked at is well"
            text += "\(style.apply(.green, verdict)): \(count) invariants hold\n"
        }
        if !seen.unset.isEmpty {
            text += "not looked at: \(seen.unset.joined(separator: ", ")); \(QueueOverview.option)\n"
        }
        if fixes, !seen.findings.isEmpty, seen.findings.allSatisfy({ $0.remedy == nil && !$0.isFixed }) {
            text += "nothing of this is mended by --fix: it needs somebody's judgement\n"
        }
        var told: Set<String> = []
        for command in standing.compactMap(\.next) where told.insert(command).inserted {
            text += "\(told.count == 1 ? style.bold("next") : "then"): \(Printable.line(command))\n"
        }
        return text
    }

    private func lines(_ finding: DoctorFinding, _ style: TextStyle) -> String {
        let emphasis: Emphasis = finding.finding.severity == .critical ? .red : .yellow
        let word =
            finding.isFixed
            ? style.apply(.green, "fixed") : style.apply(emphasis, finding.finding.severity.rawValue)
        var text = "\(word) \(Printable.line("\(finding.finding.subject): \(finding.finding.text)"))\n"
        if isDryRun, fixes, finding.remedy != nil { text += "  would be fixed\n" }
        for piece in finding.evidence { text += "  \(Printable.line(piece))\n" }
        return text
    }
}
