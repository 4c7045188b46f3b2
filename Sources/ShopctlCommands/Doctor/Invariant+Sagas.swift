import FoundationEssentials
import Hosting
import Postgres
import Sagas
import ShopContracts

/// Sagas, their branches and the outboxes.
extension Invariant {
    /// The time by which a sweeper may be late, in seconds, before a deadline that has passed is a fault.
    private static let sweep = 30.0

    static let overdueSagas = Invariant(name: "saga_deadlines", roles: SagaSources.coordinators) { databases in
        var findings: [DoctorFinding] = []
        for role in SagaSources.coordinators {
            let rows = try await databases.query(
                role,
                """
                SELECT id::text, name, subject_id, extract(epoch FROM now() - deadline_at)::float8 FROM sagas
                WHERE phase = 'trying' AND deadline_at < now() - make_interval(secs => \(sweep))
                ORDER BY deadline_at LIMIT 1000
                """)
            let overdue = try rows.decode((String, String, Int64, Double).self)
            findings += DoctorFinding.shown(
                "saga_overdue", role,
                overdue.map { id, name, subject, age in
                    "\(name) \(id) of \(subject): undecided, its deadline passed \(Timestamp.rounded(age)) ago"
                }, next: "shopctl saga inspect \(overdue.first?.0 ?? "")"
            ) {
                "\($0) \($0 == 1 ? "saga is undecided past its" : "sagas are undecided past their") deadline: no coordinator sees to them"
            }
        }
        return findings
    }

    /// Five seconds are what a process claims rows for; more can come from a clock that was set back only.
    static let claims = Invariant(name: "outbox_claims", roles: Role.servers) { databases in
        var findings: [DoctorFinding] = []
        for role in Role.servers {
            let rows = try await databases.query(
                role,
                """
                SELECT count(*), max(extract(epoch FROM claimed_until - now()))::float8 FROM outbox
                WHERE published_at IS NULL AND claimed_until > now() + interval '1 minute'
                """)
            let (count, longest) = try rows.decode((Int64, Double?).self)[0]
            guard count > 0, let longest else { continue }
            findings.append(
                DoctorFinding(
                    .critical(
                        "outbox_claimed", role.rawValue, "\(count) unsent messages are claimed by nobody who lives",
                        next: "shopctl doctor --fix"),
                    evidence: ["the longest claim ends in \(Timestamp.rounded(longest)); a living one does in 5 s"],
                    remedy: .releaseClaims(role: role.rawValue)))
        }
        return findings
    }

    /// An order and the saga that places it are one transaction; the saga of one that is not over is never forgotten.
    static let orderSagas = Invariant(name: "orders_have_sagas", roles: [.orders]) { databases in
        let lost = try await databases.query(
            .orders,
            """
            SELECT o.id, o.state, o.saga_id::text FROM (
                SELECT id, state, saga_id FROM orders
                WHERE state = 'pending' OR decided_at > now() - make_interval(secs => \(databases.window))
                ORDER BY id DESC LIMIT \(Int64(limit))
            ) o LEFT JOIN sagas s ON s.id = o.saga_id
            WHERE s.id IS NULL ORDER BY o.id DESC
            """
        ).decode((Int64, String, String).self)
        return DoctorFinding.shown(
            "saga_lost", .orders, lost.map { "order \($0.0), \($0.1): the record of its saga \($0.2) is lost" },
            next: "shopctl order story \(lost.first?.0 ?? 0)"
        ) { "\($0) \($0 == 1 ? "order has" : "orders have") no saga any more, and nobody goes on with that" }
    }

    /// Each participant with each coordinator.
    static let branches: [Invariant] = {
        var all: [Invariant] = []
        for coordinator in SagaSources.coordinators {
            for participant in participants(of: coordinator) {
                all.append(carriedOut(participant, coordinator))
                all.append(records(participant, coordinator))
                all.append(orphans(participant, coordinator))
            }
        }
        return all
    }()

    private static func names(of coordinator: Role) -> [String] {
        SagaDefinition.all.filter { $0.coordinator == coordinator.rawValue }.map(\.name)
    }

    private static func participants(of coordinator: Role) -> [Role] {
        let names = SagaDefinition.all.filter { $0.coordinator == coordinator.rawValue }.flatMap(\.participants)
        return Role.allCases.filter { names.contains($0.rawValue) }
    }

    /// A saga is over when all have reported that they are done: each must have done what was decided.
    private static func carriedOut(_ participant: Role, _ coordinator: Role) -> Invariant {
        Invariant(
            name: "\(participant.rawValue)_branches_of_\(coordinator.rawValue)", roles: [coordinator, participant]
        ) { databases in
            let name = participant.rawValue
            let over = try await databases.query(
                coordinator,
                """
                SELECT s.id::text, s.name, s.phase FROM sagas s JOIN saga_participants p ON p.saga_id = s.id
                WHERE s.finished_at > now() - make_interval(secs => \(databases.window)) AND p.participant = \(name)
                ORDER BY s.finished_at DESC LIMIT \(Int64(limit))
                """
            ).decode((String, String, String).self)
            let parts = try await databases.query(
                participant,
                """
                SELECT saga_id::text, state FROM saga_branches
                WHERE participant = \(name) AND saga_id = ANY(\(over.map(\.0))::text[]::uuid[])
                """
            ).decode((String, String).self)
            let states = Dictionary(parts, uniquingKeysWith: { first, _ in first })
            // One that has no record of what was confirmed is told by itself.
            let wrong = over.filter { states[$0.0] != $0.2 && (states[$0.0] != nil || $0.2 != "confirmed") }
            return DoctorFinding.shown(
                "branch_differs", participant,
                wrong.map { "\($0.1) \($0.0) is \($0.2), its part here is \(states[$0.0] ?? "missing")" },
                next: "shopctl saga inspect \(wrong.first?.0 ?? "")"
            ) {
                "\($0) \($0 == 1 ? "part" : "parts") of sagas that are over \($0 == 1 ? "is" : "are") not what \(coordinator.rawValue) has decided"
            }
        }
    }

    /// A saga's row is there before anybody hears of it. A part that was taken back without one has no effect.
    private static func orphans(_ participant: Role, _ coordinator: Role) -> Invariant {
        Invariant(
            name: "\(participant.rawValue)_branches_without_saga_of_\(coordinator.rawValue)",
            roles: [coordinator, participant]
        ) { databases in
            let parts = try await databases.query(
                participant,
                """
                SELECT saga_id::text, saga_name, state, created_at, (payload ->> 'order_id')::bigint FROM saga_branches
                WHERE participant = \(participant.rawValue)
                    AND saga_name = ANY(\(names(of: coordinator))::text[])
                    AND (state = 'tried' OR state IN ('refused', 'confirmed')
                        AND created_at > now() - make_interval(secs => \(databases.window)))
                ORDER BY created_at DESC LIMIT \(Int64(limit))
                """
            ).decode((String, String, String, Date, Int64?).self)
            let known = try await databases.query(
                coordinator, "SELECT id::text FROM sagas WHERE id = ANY(\(parts.map(\.0))::text[]::uuid[])"
            ).decode((String).self)
            let ids = Set(known)
            let orphans = parts.filter { !ids.contains($0.0) }
            return DoctorFinding.shown(
                "branch_without_saga", participant,
                orphans.map { id, name, state, date, order in
                    "\(name) \(id)\(order.map { " of order \($0)" } ?? ""): \(state) since \(Timestamp.text(date))"
                },
                next: orphans.first.map { orphan in
                    orphan.4.map { "shopctl order story \($0)" } ?? "shopctl saga inspect \(orphan.0)"
                } ?? "shopctl doctor"
            ) { "\($0) \($0 == 1 ? "part belongs" : "parts belong") to no saga that \(coordinator.rawValue) knows" }
        }
    }
}
