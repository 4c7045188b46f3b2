import Events

/// Something that is wrong with the shop, and what shows it.
struct DoctorFinding: Sendable, Equatable {
    /// The way in which a finding can be mended without a doubt.
    enum Remedy: Sendable, Equatable {
        /// A queue or binding that the shop declares is missing: declaring it again adds it, and nothing else.
        /// - lost: The types that went past the queue and can be sent again.
        case declare(role: String, what: String, lost: [BindingLoss])
        /// Rows of an outbox are claimed for longer than any living process claims them: they are given back.
        case releaseClaims(role: String)
        /// A participant has no record of parts that it has accepted and its rows prove: they are made final.
        case recoverParts(role: String, coordinator: String)

        /// The role whose audit trail notes it.
        var role: String {
            switch self {
            case .declare(let role, _, _), .releaseClaims(let role), .recoverParts(let role, _): role
            }
        }
    }

    var finding: StatusFinding
    /// The rows or figures that show it; the first few of many.
    var evidence: [String] = []
    /// Nil for what a person must decide.
    var remedy: Remedy?
    /// Whether it has been mended.
    var isFixed = false

    /// The most pieces of evidence that are told.
    static let shown = 5

    init(_ finding: StatusFinding, evidence: [String] = [], remedy: Remedy? = nil) {
        self.finding = finding
        self.evidence = Array(evidence.prefix(Self.shown))
        if evidence.count > Self.shown { self.evidence.append("and \(evidence.count - Self.shown) more") }
        self.remedy = remedy
    }

    /// The command that goes on; nil where that would be this examination: it has its own advice for what is away.
    var next: String? { finding.next == "shopctl doctor" ? nil : finding.next }

    /// The finding as one that was mended.
    var fixed: DoctorFinding {
        var copy = self
        copy.isFixed = true
        return copy
    }

    /// The same thing, seen again.
    func isSame(as other: DoctorFinding) -> Bool {
        finding.kind == other.finding.kind && finding.subject == other.finding.subject && remedy == other.remedy
    }

    /// Of a later look what an earlier one has seen too: what has gone by itself needs no hand.
    static func confirmed(_ later: [DoctorFinding], by earlier: [DoctorFinding]) -> [DoctorFinding] {
        later.filter { finding in earlier.contains { $0.isSame(as: finding) } }
    }

    var output: OutputRecord {
        [
            "severity": .text(finding.severity.rawValue), "kind": .text(finding.kind),
            "subject": .text(finding.subject), "text": .text(finding.text), "evidence": .texts(evidence),
            "next": .text(next ?? ""), "fixable": .bool(remedy != nil), "fixed": .bool(isFixed),
        ]
    }
}

/// A server that was asked.
struct DoctorSource: Sendable, Equatable {
    let name: String
    /// `ok`, `away` or `not_set`; `not_ready` for a process that answers and takes no requests.
    let state: String
    var version: String?
    /// The time by which its clock is ahead of this host's, in milliseconds, 0 for less than can be told; nil for one
    /// that was not asked.
    var clockAhead: Int64?
    /// The most that this can be wrong by, in seconds.
    var clockPrecision = 0.0
    var reason: String?
    /// The server that it shares with others that are away for the same reason: told once for all of them.
    var sharedServer: String?

    /// Whether it has answered.
    var isSeen: Bool { ["ok", "not_ready", "read_only", "missing"].contains(state) }

    /// The clock as it is shown: a whole-second source on the same host must not look like skew.
    var clock: String {
        guard let clockAhead else { return "" }
        if clockAhead == 0, clockPrecision >= 0.1 { return "within \(Timestamp.span(clockPrecision))" }
        return "\(clockAhead < 0 ? "-" : "+")\(Timestamp.span(Double(abs(clockAhead)) / 1000))"
    }

    var output: OutputRecord {
        [
            "name": .text(name), "state": .text(state), "version": .optional(version),
            "clock_ahead_ms": .optional(clockAhead), "reason": .optional(reason),
        ]
    }
}
