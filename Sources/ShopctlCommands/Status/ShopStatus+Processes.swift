import Hosting

/// The findings about processes and roles.
extension ShopStatus {
    var processFindings: [StatusFinding] {
        processes.flatMap { judged($0) } + Role.servers.flatMap { judged($0) }
    }

    /// The failing checks whose causes are no findings of their own: a process alone may not reach what others can.
    ///
    /// - Parameter told: The findings that there are.
    func checkFindings(besides told: [StatusFinding]) -> [StatusFinding] {
        let kinds = Set(told.map(\.kind))
        return processes.flatMap { process in
            process.failing.filter { !Self.causes(of: $0).contains(where: kinds.contains) }.map { check in
                .warning(
                    "check_fails", "\(process.address)", check.text,
                    next: "shopctl health --address \(process.address)")
            }
        }
    }

    /// The kinds of the findings that would tell of a failing check's cause.
    private static func causes(of check: Readiness.Check) -> [String] {
        // "orders orders.broker: …"
        let name = check.text.split(separator: ":").first?.split(separator: " ").last ?? ""
        let backends: [String] =
            switch name.split(separator: ".").dropFirst().first {
            case "database": ["database_away", "database_missing", "database_read_only"]
            case "schema": ["database_away", "database_missing", "migrations_pending", "schema_wrong"]
            case "broker": ["broker_away", "queue_missing"]
            // Nobody can count them while the broker does not answer.
            case "dead-letters": ["dead_letters", "broker_away"]
            case "peer": ["role_away", "role_not_ready"]
            default: []
            }
        // The first of those that keep a process from being ready is told with it.
        return check.mark == "-" ? backends + ["process_not_ready"] : backends
    }

    private func judged(_ process: ProcessStatus) -> [StatusFinding] {
        let place = "\(process.address)"
        let look = "shopctl health --address \(place)"
        guard let readiness = process.readiness else {
            guard process.isNamed else { return [] }
            return [.critical("process_away", place, "nobody answers, by \(process.origin)", next: look)]
        }
        var findings: [StatusFinding] = []
        if !readiness.isReady {
            let reason = process.failing.first { $0.mark == "-" }?.text
            findings.append(.critical("process_not_ready", place, reason ?? "it is not ready", next: look))
        }
        if let version = readiness.version, version != Version.text {
            findings.append(
                .warning("version_differs", place, "it runs \(version), and this is \(Version.text)", next: look))
        }
        return findings
    }

    /// A role with addresses left that serve is the poorer by some, one without is away.
    private func judged(_ role: Role) -> [StatusFinding] {
        let places = roles.filter { $0.role == role && ($0.isNamed || $0.state != .away) }
        let missing = places.filter { $0.state != .ready }
        guard !missing.isEmpty else { return [] }
        let name = role.rawValue
        let isDown = missing.count == places.count
        let words = missing.map { place in
            place.state == .away ? "nobody answers at \(place.address)" : "not ready at \(place.address)"
        }
        let isAway = missing.allSatisfy { $0.state == .away }
        // A role without its database is not helped by a look at the role.
        let isShared = sharedServerAway(of: role) != nil
        let cause = backendFindings.first { $0.subject == (isShared ? "databases" : name) }
        return [
            StatusFinding(
                severity: isDown ? .critical : .warning, kind: isAway ? "role_away" : "role_not_ready",
                subject: name, text: words.joined(separator: ", "),
                next: isAway ? "shopctl serve \(name)" : cause?.next ?? "shopctl health")
        ]
    }
}
