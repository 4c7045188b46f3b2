import ArgumentParser
import Events
import Hosting
import Logging
import RabbitMQ

extension QueueCommand {
    /// `shopctl queue replay`
    struct QueueReplay: ShopctlCommand {
        static let configuration = CommandConfiguration(
            commandName: "replay",
            abstract: "Send a service's dead letters back to its inbox.",
            discussion: """
                Mend the cause first: a letter that fails again comes back. Each starts with a fresh count of tries. It \
                is taken out of the dead letters only after the broker has confirmed it in the inbox; should that be \
                cut short it is there twice, and handled once all the same.

                Exit status 3: some were sent back, and not all.

                EXAMPLES:
                  shopctl queue replay products --dry-run
                  shopctl queue replay products
                  shopctl queue replay products --message-id 7f9c24e8-3b12-4fef-91e0-56a2d3c1b0aa
                """)

        @Argument(help: ArgumentHelp("Whose dead letters.", valueName: "service"))
        var service: ServiceArgument
        @Option(help: ArgumentHelp("How many at most; by default all that are there now.", valueName: "count"))
        var limit: Int?
        @Option(help: ArgumentHelp("Only the letter with this id; may be repeated.", valueName: "id"))
        var messageID: [String] = []
        @Flag(help: "Only show what would be sent back.")
        var dryRun = false
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func validate() throws {
            guard (limit ?? 1) > 0 else { throw ValidationError("--limit must be more than zero") }
        }

        func run(_ context: CommandContext) async throws {
            let broker = try settings.begin(context).broker(name: "shopctl-replay")
            let replay = DeadLetterReplay(
                topology: service.topology, broker: broker, limit: limit,
                wanted: messageID.isEmpty ? nil : Set(messageID.map { $0.lowercased() }), isDryRun: dryRun)
            let outcome = try await replay.run()
            // What has been done is told; if that is nothing, the cause alone decides.
            if let failure = outcome.failure, outcome.replayed.isEmpty { throw failure }
            try output.write(outcome, context, deed: "\(outcome.replayed.count) \(dryRun ? "would be " : "")sent back")
            if let failure = outcome.failure {
                throw CommandFailure(
                    .partial, "\(outcome.replayed.count) sent back, then: \(Diagnosis(failure).message ?? "failed")")
            }
            if outcome.replayed.isEmpty, !messageID.isEmpty {
                throw CommandFailure(.notFound, "\(service.topology.service) has no such dead letter")
            }
            if outcome.replayed.count < Set(messageID).count {
                throw CommandFailure(.partial, "some of these letters were not found")
            }
        }
    }
}

/// Sends dead letters back to the inbox they came from.
struct DeadLetterReplay: Sendable {
    let topology: ServiceTopology
    let broker: RabbitMQConfiguration
    let limit: Int?
    /// Ids of letters; nil for any.
    let wanted: Set<String>?
    let isDryRun: Bool

    /// Looks at no more letters than there were at the start: one that comes back at once is not sent round for ever.
    func run() async throws -> ReplayOutcome {
        var outcome = ReplayOutcome(service: topology.service, isDryRun: isDryRun)
        let queue = DeadLetterQueue(topology: topology, broker: broker, logger: .command("replay"))
        var looked = 0
        do {
            try await queue.walk { total in
                // A dry run sees the queue to its end, so that it keeps its order.
                let isEnough = outcome.replayed.count == limit || outcome.replayed.count == wanted?.count
                guard isDryRun || !isEnough else { return nil }
                return { letter in
                    looked += 1
                    let isWanted = wanted?.contains(letter.properties.messageID?.lowercased() ?? "") ?? true
                    guard isWanted, !isEnough else { return .keep }
                    outcome.replayed.append(letter)
                    return isDryRun ? .keep : .move(DeadLetter.replay(letter, to: topology.inbox))
                }
            }
        } catch let error as RabbitMQError where error.kind == .notFound && looked == 0 {
            throw CommandFailure.missingQueues([topology.dead])
        } catch {
            // The last one was not sent back; it stays where it was.
            if !isDryRun, !outcome.replayed.isEmpty { outcome.replayed.removeLast() }
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

/// What a replay has done.
struct ReplayOutcome: Report {
    let service: String
    let isDryRun: Bool
    var replayed: [Delivery] = []
    var failure: (any Error)?

    var body: ReportBody {
        .one([
            "service": .text(service),
            "dry_run": .bool(isDryRun),
            "count": .count(replayed.count),
            "messages": .records(
                replayed.map { letter in
                    [
                        "message_id": .optional(letter.properties.messageID),
                        "type": .optional(letter.properties.type),
                        "saga_id": .optional(letter.properties.correlationID),
                    ]
                }),
        ])
    }

    func table(_ style: TextStyle) -> String {
        let lines = replayed.map { letter in
            let name = "\(letter.properties.messageID ?? "(no message id)")  \(letter.properties.type ?? "(no type)")"
            return (isDryRun ? "would send back " : "sent back ") + Printable.line(name) + "\n"
        }
        let count = "\(replayed.count) dead \(replayed.count == 1 ? "letter" : "letters") of \(service)"
        return lines.joined() + (isDryRun ? "\(count) would be sent back\n" : "\(count) sent back\n")
    }
}
