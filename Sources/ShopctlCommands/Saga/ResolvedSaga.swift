import FoundationEssentials
import Sagas
import ShopContracts

/// A part that counts as carried out.
struct ResolvedSaga: Report {
    /// As it stands now.
    let saga: SagaRecord
    let participant: String
    let evidence: SagaResolution.Evidence
    let reason: String
    let isDryRun: Bool

    var schemaVersion: Int64 { 2 }
    var body: ReportBody {
        .one(record)
    }

    var record: OutputRecord {
        [
            "saga_id": .text(saga.id.uuidString.lowercased()),
            "participant": .text(participant),
            "decision": .optional(saga.phase.decision?.rawValue),
            "evidence": .text(evidence.word),
            "reason": .text(reason),
            "dry_run": .bool(isDryRun),
            "state": .text(saga.phase.rawValue),
            "waits_for": .texts(saga.waitsFor),
        ]
    }

    func table(_ style: TextStyle) -> String {
        let id = saga.id.uuidString.lowercased()
        let part = "the part of \(Printable.line(participant)) in \(saga.name) of \(saga.subjectText)"
        let rest = saga.waitsFor.isEmpty ? "nothing" : saga.waitsFor.joined(separator: " and ")
        return isDryRun
            ? "would be marked as carried out: \(part) (\(id)); its own record: \(evidence.word)\n"
                + "\(style.bold("next")): "
                + "\(SagaCommand.SagaResolve.command(saga.id, participant, reason: reason)) --yes-i-mean \(id)\n"
            : "marked as carried out: \(part) (\(id)); its own record: \(evidence.word)\n"
                + "the saga is \(style.bold(saga.phase.rawValue)), and waits for \(rest)\n"
    }
}

extension SagaResolution.Evidence {
    /// A word for it.
    var word: String {
        switch self {
        case .unknown: "unknown"
        case .none: "none"
        case .recorded(let state): state?.word ?? "undecided"
        }
    }
}
