import Events
import RabbitMQ

/// The result of a replay.
struct ReplayOutcome: Report {
    let service: String
    let isDryRun: Bool
    var replayed: [Delivery] = []
    /// The receipts that were asked for, by place; empty text for none.
    var receiptIDs: [String] = []
    /// The number of letters at the start, and of those that were looked at.
    var total = 0
    var looked = 0
    var failure: (any Error)?
    /// The reason for which the rest was left where it is; nil if there is none.
    var stop: ReplayPlan.Stop?
    /// The fates of those letters, by place; empty as long as nobody has looked.
    var fates: [ReplayObserver.Fate] = []

    func count(_ fate: ReplayObserver.Fate) -> Int { fates.count { $0 == fate } }

    /// Adds what a further round has done.
    mutating func add(_ round: ReplayOutcome) {
        replayed += round.replayed
        receiptIDs += round.receiptIDs
        fates += round.fates
        looked += round.looked
        if total == 0 { total = round.total }
        failure = round.failure
    }

    private func fate(_ index: Int) -> ReplayObserver.Fate? { index < fates.count ? fates[index] : nil }

    var body: ReportBody {
        .one([
            "service": .text(service),
            "dry_run": .bool(isDryRun),
            "count": .count(replayed.count),
            "died_again": .count(count(.died)),
            "stopped": .optional(stop?.word),
            "messages": .records(
                replayed.enumerated().map { index, letter in
                    [
                        "message_id": .optional(letter.properties.messageID),
                        "type": .optional(letter.properties.type),
                        "saga_id": .optional(letter.properties.correlationID),
                        "outcome": .optional(fate(index)?.rawValue),
                    ]
                }),
        ])
    }

    func table(_ style: TextStyle) -> String {
        let lines = replayed.enumerated().map { index, letter in
            let name = "\(letter.properties.messageID ?? "(no message id)")  \(letter.properties.type ?? "(no type)")"
            let fate = fate(index)
            let text = fate.map { ": " + style.apply($0 == .died ? .red : .none, $0.words) } ?? ""
            return (isDryRun ? "would send back " : "sent back ") + Printable.line(name) + text + "\n"
        }
        let letters = "\(replayed.count) dead \(replayed.count == 1 ? "letter" : "letters") of \(service)"
        return lines.joined() + (isDryRun ? "\(letters) would be sent back\n" : "\(letters) sent back\n")
    }
}
