import FoundationEssentials
import Sagas
import ShopContracts

extension SagaDossier {
    func table(_ style: TextStyle) -> String {
        let sections = [head(style), participants(style), timelineSection(style), waits(style), next(style)]
        return sections.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private func head(_ style: TextStyle) -> String {
        let saga = facts.saga
        let emphasis: Emphasis = saga.stuckSince == nil ? saga.phase.emphasis : .red
        var lines = [
            "\(style.bold("saga")) \(saga.id.uuidString.lowercased())  \(saga.name) of \(saga.subjectText)",
            "\(style.apply(emphasis, saga.phase.rawValue))  \(diagnosis.summary)",
        ]
        let start = saga.startedAt
        func line(_ name: String, _ date: Date?) {
            guard let date else { return }
            let padding = String(repeating: " ", count: 14 - name.count)
            lines.append("\(name)\(padding)\(style.time(date))  \(Timestamp.offset(date, since: start))")
        }
        line("started", start)
        line("decided", saga.decidedAt)
        line("finished", saga.finishedAt)
        for stall in facts.stalls {
            line("was stuck", stall.since)
            lines[lines.count - 1] += ", for \(Timestamp.span(stall.length))"
        }
        line("stuck since", saga.stuckSince)
        if !facts.stalls.isEmpty, let failed = facts.lastFailed {
            lines.append("reason        \(failed.service), \(failed.text): \(Printable.line(failed.why))")
        }
        if saga.phase == .trying { line("deadline", saga.deadlineAt) }
        line("next attempt", saga.nextAttemptAt)
        if !saga.phase.isTerminal { line("now", facts.observedAt) }
        if saga.resends > 0 {
            lines.append("asked again   \(saga.resends == 1 ? "once" : "\(saga.resends) times") in this state")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func participants(_ style: TextStyle) -> String {
        var table = Table([
            .left("PARTICIPANT"), .left("VOTE"), .left("ITS OWN RECORD"), .left("CARRIED OUT"), .left("REASON"),
        ])
        for participant in facts.participants {
            let reason = participant.vote?.refusal.map { "\($0.code): \($0.message)" } ?? ""
            table.add([
                .plain(participant.name),
                vote(participant),
                .plain(facts.ownRecord(of: participant.name)), .plain(carriedOut(participant)),
                .plain(Printable.line(reason)),
            ])
        }
        return table.text(style)
    }

    /// The participant's vote; one that has not come when all is decided is awaited no more.
    private func vote(_ participant: SagaFacts.Participant) -> Table.Cell {
        switch participant.vote {
        case let vote?: .styled(vote.word, vote == .accepted ? .green : .red)
        case nil: facts.saga.phase == .trying ? .styled("awaited", .yellow) : .plain("-")
        }
    }

    /// The time of the deed by the participant's own record; without one, of what the coordinator goes by.
    private func carriedOut(_ participant: SagaFacts.Participant) -> String {
        if let at = facts.carriedOutAt(by: participant.name) {
            return Timestamp.offset(at, since: facts.saga.startedAt)
        }
        guard let at = participant.doneAt else { return "-" }
        return (facts.isResolvedByHand(participant) ? "by an operator's word " : "reported ")
            + Timestamp.offset(at, since: facts.saga.startedAt)
    }

    private static let loud: Set<String> = ["dead_lettered", "stuck_since", "failed_first", "failed_last"]

    private func timelineSection(_ style: TextStyle) -> String {
        var table = Table([
            .left("TIME"), .right("SINCE START"), .left("WHERE"), .left("WHAT", vital: true, wraps: true),
            .left("MESSAGE", minor: true),
        ])
        for event in timeline {
            let isLoud = event.event.hasSuffix("_unsent") || Self.loud.contains(event.event)
            table.add([
                .clock(event.at), .plain(Timestamp.offset(event.at, since: facts.saga.startedAt)),
                .plain(event.by),
                .styled(
                    Printable.line(event.text), isLoud ? .red : event.event == "decided" ? .bold : .none),
                .styled(event.messageID ?? "", .dim),
            ])
        }
        return table.text(style)
    }

    private func waits(_ style: TextStyle) -> String {
        var text = awaited(style)
        for item in notAsked {
            text += "\(style.apply(.yellow, "not asked")) \(item.service): \(Printable.line(item.reason))\n"
        }
        return text
    }

    /// The answers that are missing, with what holds them up, a line each.
    func awaited(_ style: TextStyle) -> String {
        var text = ""
        for item in diagnosis.awaited {
            let span = Timestamp.span(max(0, facts.observedAt.timeIntervalSince(item.since)))
            text += "\(style.apply(.yellow, "waits")) \(span) for the \(item.answer.noun) of \(item.participant): "
            text += Printable.line(item.text) + "\n"
        }
        return text
    }

    private func next(_ style: TextStyle) -> String {
        advice.enumerated().map { index, advice in
            let mark = index == 0 ? style.bold("next") : "then"
            return "\(mark): \(Printable.line(advice.text))\n"
                + (advice.command.map { "    \(Printable.line($0))\n" } ?? "")
        }.joined()
    }
}
