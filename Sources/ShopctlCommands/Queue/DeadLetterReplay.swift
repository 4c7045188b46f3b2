import Events
import FoundationEssentials
import RabbitMQ
import Telemetry

/// Sends dead letters back to the inbox they came from.
struct DeadLetterReplay: Sendable {
    let topology: ServiceTopology
    let broker: RabbitMQConfiguration
    let limit: Int?
    let wanted: LetterSelection
    let isDryRun: Bool
    /// The queue in which consumers are to tell what becomes of the letters; nil for none.
    var receipts: String?

    /// Looks at no more letters than there were at the start: one that comes back at once is not sent round for ever.
    func run() async throws -> ReplayOutcome {
        var outcome = ReplayOutcome(service: topology.service, isDryRun: isDryRun)
        let queue = DeadLetterQueue(topology: topology, broker: broker, logger: .command("replay"))
        var looked = 0
        var receiptIDs: [UInt64: String] = [:]
        func note(_ letter: Delivery) {
            outcome.replayed.append(letter)
            outcome.receiptIDs.append(receiptIDs[letter.deliveryTag] ?? "")
        }
        do {
            try await queue.walk(moved: note) { total in
                // A dry run sees the queue to its end, so that it keeps its order.
                let isEnough = outcome.replayed.count == limit || outcome.replayed.count == wanted.most
                guard isDryRun || !isEnough else { return nil }
                return { letter in
                    looked += 1
                    guard wanted.contains(letter), !isEnough else { return .keep }
                    if isDryRun {
                        note(letter)
                        return .keep
                    }
                    let receipt = receipts.map { ReplayReceipt.Request(id: UUID.random().uuidString, queue: $0) }
                    receiptIDs[letter.deliveryTag] = receipt?.id
                    return .move(DeadLetter.replay(letter, to: topology.inbox, receipt: receipt))
                }
            }
        } catch let error as RabbitMQError where error.kind == .notFound && looked == 0 {
            throw CommandFailure.missingQueues([topology.dead])
        } catch {
            outcome.failure = Self.failure(error)
        }
        return outcome
    }

    private static func failure(_ error: any Error) -> any Error {
        switch error {
        case DeadLetterQueue.Refusal.nacked(let queue):
            CommandFailure(.unreachable, "the broker did not take a message for \(queue)")
        case DeadLetterQueue.Refusal.unroutable(let queue): CommandFailure.missingQueues([queue])
        default: error
        }
    }
}

/// The result of a replay.
struct ReplayOutcome: Report {
    let service: String
    let isDryRun: Bool
    var replayed: [Delivery] = []
    /// The receipts that were asked for, by place; empty text for none.
    var receiptIDs: [String] = []
    var failure: (any Error)?
    /// The fates of those letters, by place; empty as long as nobody has looked.
    var fates: [ReplayObserver.Fate] = []

    func count(_ fate: ReplayObserver.Fate) -> Int { fates.count { $0 == fate } }

    private func fate(_ index: Int) -> ReplayObserver.Fate? { index < fates.count ? fates[index] : nil }

    var body: ReportBody {
        .one([
            "service": .text(service),
            "dry_run": .bool(isDryRun),
            "count": .count(replayed.count),
            "died_again": .count(count(.died)),
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
