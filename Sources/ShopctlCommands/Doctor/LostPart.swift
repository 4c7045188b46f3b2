import Customers
import FoundationEssentials
import Hosting
import Logging
import Postgres
import Products
import Sagas
import ShopContracts

/// A part in a confirmed saga of which the participant has no record any more, though it has accepted.
struct LostPart: Sendable {
    /// The most that are looked at in detail.
    private static let limit = 100

    let saga: UUID
    let name: String
    let subjectID: Int64
    /// The one whose order it is, or whose product; 0 for nobody.
    let userID: Int64
    /// Whether the saga has ended without it.
    let isOver: Bool
    /// The time when the coordinator took the participant's report; nil if it has not.
    let reportedAt: Date?
    let payload: [UInt8]
    /// Records it anew, and makes it final; nil where nothing proves what it did.
    let recovery: (any LostPartRecovery)?
    /// Whether it was carried out, and only its record is to be written.
    let isFinal: Bool

    /// The beginnings of what the audit trail says of recoveries; the saga's id follows.
    private static let actions = (carriedOut: "doctor.fix carry out saga ", recorded: "doctor.fix record saga ")

    /// The recovery as the audit trail says it.
    var action: String { (isFinal ? Self.actions.recorded : Self.actions.carriedOut) + saga.uuidString.lowercased() }

    /// The recoveries of a participant's part in a saga, from its audit trail, for the saga's timeline.
    ///
    /// - Parameter since: When the part was done, by its record; nil where it has none.
    static func repairs(
        of saga: UUID, participant: String, since: Date?, in database: PostgresClient
    ) async throws -> [SagaFacts.LogEntry] {
        guard let since else { return [] }
        let deeds = [actions.carriedOut, actions.recorded].map { $0 + saga.uuidString.lowercased() }
        return try await database.query(
            """
            SELECT at, action, reason FROM audit_trail
            WHERE at >= \(since)::timestamptz AND action = ANY(\(deeds)::text[])
            ORDER BY at, id
            """
        ).decode((Date, String, String?).self).map { at, action, reason in
            let deed = action.hasPrefix(actions.recorded) ? "write it anew" : "make its part final"
            return SagaFacts.LogEntry(
                at: at, event: "operator_fix",
                detail: "the record of \(participant) was lost, and an operator had the doctor \(deed)"
                    + (reason.map { ": \($0)" } ?? ""))
        }
    }

    var text: String { "\(name) \(saga.uuidString.lowercased()) of \(subjectID)" }

    /// Finds those of a participant with a coordinator. What has accepted is read first: its record was there before.
    ///
    /// - Parameter window: How far back sagas that are over are looked at, in seconds.
    static func find(
        of participant: Role, sagas: PostgresClient, branches: PostgresClient, window: Double
    ) async throws -> [LostPart] {
        let accepted = try await sagas.query(
            """
            SELECT s.id FROM sagas s JOIN saga_participants p ON p.saga_id = s.id
            WHERE p.participant = \(participant.rawValue) AND p.vote = 'accepted' AND (s.phase = 'confirming'
                OR s.phase = 'confirmed' AND s.finished_at > now() - make_interval(secs => \(window)))
            ORDER BY s.started_at DESC LIMIT \(Int64(Invariant.limit))
            """
        ).decode((UUID).self)
        let recorded = try await branches.query(
            """
            SELECT saga_id FROM saga_branches
            WHERE participant = \(participant.rawValue) AND saga_id = ANY(\(accepted)::uuid[])
            """
        ).decode((UUID).self)
        let known = Set(recorded)
        let lost = Array(accepted.filter { !known.contains($0) }.prefix(limit))
        guard !lost.isEmpty else { return [] }
        let rows = try await sagas.query(
            """
            SELECT id, name, subject_id, coalesce((payload ->> 'buyer_id')::bigint,
                (payload ->> 'seller_id')::bigint, 0), finished_at IS NOT NULL, payload::text,
                (SELECT done_at FROM saga_participants p
                    WHERE p.saga_id = sagas.id AND p.participant = \(participant.rawValue))
            FROM sagas WHERE id = ANY(\(lost)::uuid[]) ORDER BY started_at, id
            """
        ).decode((UUID, String, Int64, Int64, Bool, String, Date?).self)
        var parts: [LostPart] = []
        for (id, name, subject, user, isOver, text, reportedAt) in rows {
            let payload = Array(text.utf8)
            let recovery = recovery(of: participant, in: name, branches)
            let proof = try await recovery?.proof(of: id, payload: payload, in: branches)
            parts.append(
                LostPart(
                    saga: id, name: name, subjectID: subject, userID: user, isOver: isOver, reportedAt: reportedAt,
                    payload: payload, recovery: proof == nil ? nil : recovery, isFinal: proof?.isFinal ?? false))
        }
        return parts
    }

    private static func recovery(
        of participant: Role, in saga: String, _ database: PostgresClient
    ) -> (any LostPartRecovery)? {
        guard saga == OrderPlacement.definition.name else { return nil }
        let logger = Logger.command("doctor")
        return switch participant {
        case .customers: CustomerSagas.lostPlacements(database: database, logger: logger)
        case .products: ProductSagas.lostPlacements(database: database, logger: logger)
        default: nil
        }
    }
}

extension Invariant {
    /// A participant keeps its record of what it has accepted for as long as the saga is kept, and longer.
    static func records(_ participant: Role, _ coordinator: Role) -> Invariant {
        Invariant(
            name: "\(participant.rawValue)_records_of_\(coordinator.rawValue)", roles: [coordinator, participant]
        ) { databases in
            guard let sagas = databases.clients[coordinator], let branches = databases.clients[participant] else {
                return []
            }
            let parts = try await LostPart.find(
                of: participant, sagas: sagas, branches: branches, window: databases.window)
            let (proven, others) = (parts.filter { $0.recovery != nil }, parts.filter { $0.recovery == nil })
            var findings: [DoctorFinding] = []
            if !proven.isEmpty {
                findings.append(
                    DoctorFinding(
                        .critical(
                            "part_lost", participant.rawValue,
                            "\(counted(proven.count)) no record any more; what was done is there",
                            next: "shopctl doctor --fix"),
                        evidence: proven.map {
                            "\($0.text): confirmed, and \($0.isFinal ? "" : "not ")carried out here"
                        },
                        remedy: .recoverParts(role: participant.rawValue, coordinator: coordinator.rawValue)))
            }
            guard let first = others.first(where: { !$0.isOver }) ?? others.first else { return findings }
            let next =
                first.isOver
                ? "shopctl saga inspect \(first.saga.uuidString.lowercased())"
                : SagaCommand.SagaResolve.rehearsal(of: first.saga, participant.rawValue)
            return findings
                + DoctorFinding.shown(
                    "part_lost", participant,
                    others.map { part in
                        "\(part.text): confirmed; what it did is not proven here"
                            + (part.isOver ? ", and is told until it is older than --since" : "")
                    }, next: next
                ) { "\(counted($0)) no record any more, and a person must see to what was done" }
        }
    }

    private static func counted(_ parts: Int) -> String {
        "\(parts) accepted \(parts == 1 ? "part has" : "parts have")"
    }
}
