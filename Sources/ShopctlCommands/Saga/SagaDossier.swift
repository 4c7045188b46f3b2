import FoundationEssentials
import Sagas
import ShopContracts

/// One saga with all that is known of it, as results show it.
struct SagaDossier: Report {
    let facts: SagaFacts
    let diagnosis: SagaDiagnosis
    let timeline: [SagaEvent]
    let advice: [SagaAdvice]

    init(_ facts: SagaFacts) {
        self.facts = facts
        diagnosis = SagaDiagnosis(facts)
        timeline = SagaTimeline.events(facts, about: facts.saga.subjectText)
        advice = diagnosis.remedies.map(SagaAdvice.init)
    }

    var schemaVersion: Int64 { 2 }
    var body: ReportBody { .one(record) }

    /// The saga as results show it.
    var record: OutputRecord {
        [
            "saga": .record(saga),
            "summary": .text(diagnosis.summary),
            "coordinator": .text(facts.coordinator),
            "participants": .records(facts.participants.map(participant)),
            "timeline": .records(
                timeline.map { event in
                    [
                        "at": .text(Timestamp.text(event.at)),
                        "offset_ms": .integer(
                            Int64((event.at.timeIntervalSince(facts.saga.startedAt) * 1000).rounded())),
                        "place": .text(event.by),
                        "event": .text(event.event),
                        "text": .text(event.text),
                        "message_id": .optional(event.messageID),
                    ]
                }),
            "awaited": .records(awaited),
            "unsent": .records(
                facts.unsent.map { message in
                    [
                        "service": .text(message.service),
                        "type": .text(message.type),
                        "message_id": .text(message.id.uuidString.lowercased()),
                        "created_at": .text(Timestamp.text(message.writtenAt)),
                        "attempts": .count(message.attempts),
                        "last_error": .optional(message.lastError),
                    ]
                }),
            "dead_letters": .records(
                deadLetters.map { letter in
                    [
                        "service": .text(letter.service),
                        "message_id": .text(letter.id),
                        "type": .text(letter.type),
                        "error_class": .text(letter.errorClass),
                        "reason": .text(letter.reason),
                        "died_at": .text(Timestamp.text(letter.diedAt)),
                    ]
                }),
            "failures": .records(facts.failures.map(failure)),
            "not_asked": .records(
                notAsked.map { ["service": .text($0.service), "reason": .text($0.reason)] }),
            "next": .records(
                advice.map { ["text": .text($0.text), "command": .optional($0.command)] }),
        ]
    }

    /// The saga as a list has it, with the reason why a message of it failed last.
    private var saga: OutputRecord {
        var record = facts.saga.output
        let failed = facts.saga.hasTellingErrors ? facts.lastFailed : nil
        record.members += [
            .init(name: "last_error", value: .optional(failed?.why)),
            .init(name: "last_error_at", value: Timestamp.value(failed?.lastAt)),
            .init(name: "last_error_service", value: .optional(failed?.service)),
            .init(name: "last_error_message", value: .optional(failed?.kind.rawValue)),
        ]
        return record
    }

    /// The answers that are missing, with what holds them up.
    var awaited: [OutputRecord] {
        diagnosis.awaited.map { item in
            [
                "participant": .text(item.participant),
                "answer": .text(item.answer.rawValue),
                "since": .text(Timestamp.text(item.since)),
                "hold_up": .text(item.holdUp.rawValue),
                "text": .text(item.text),
            ]
        }
    }

    private func failure(_ failure: SagaFacts.Failure) -> OutputRecord {
        [
            "service": .text(failure.service),
            "message": .text(failure.kind.rawValue),
            "sender": .optional(failure.sender),
            "count": .count(failure.count),
            "last_error": .optional(failure.error),
            "since": Timestamp.value(failure.since),
            "last_at": Timestamp.value(failure.lastAt),
            "gave_up_at": Timestamp.value(failure.gaveUpAt),
            "gave_up_reason": .optional(failure.gaveUpReason),
            "handled_at": Timestamp.value(failure.handledAt),
        ]
    }

    private func participant(_ participant: SagaFacts.Participant) -> OutputRecord {
        let refusal = participant.vote?.refusal
        return [
            "name": .text(participant.name),
            "vote": .optional(participant.vote?.word),
            "reason": .optional(refusal?.code),
            "reason_detail": .optional(refusal?.message),
            "voted_at": Timestamp.value(participant.votedAt),
            "vote_message_id": .optional(participant.voteMessageID?.uuidString.lowercased()),
            "done_at": Timestamp.value(participant.doneAt),
            "done_message_id": .optional(participant.doneMessageID?.uuidString.lowercased()),
            "branch_state": .optional(facts.branchWord(of: participant.name)),
            "carried_out_at": Timestamp.value(facts.carriedOutAt(by: participant.name)),
            "resolved_by_operator": .bool(facts.isResolvedByHand(participant)),
        ]
    }

    var deadLetters: [SagaFacts.DeadMessage] {
        if case .seen(_, let dead) = facts.broker { dead } else { [] }
    }

    /// Whatever could not be asked, and why.
    var notAsked: [(service: String, reason: String)] {
        let databases = facts.unasked.sorted { $0.key < $1.key }.map { (service: $0.key, reason: $0.value) }
        switch facts.broker {
        case .unasked(let reason), .unreachable(let reason): return databases + [(service: "broker", reason: reason)]
        case .seen: return databases
        }
    }
}
