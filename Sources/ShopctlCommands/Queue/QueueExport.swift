import ArgumentParser
import Events
import Hosting
import Logging
import RabbitMQ

extension QueueCommand {
    /// `shopctl queue export`
    struct QueueExport: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "export",
            abstract: "Write a service's dead letters to standard output, a line each; they stay where they are.",
            discussion: """
                Each line is a JSON object with the letter's properties, headers and body (body_base64 if it is no \
                text), as 'queue import' takes it. Only dead letters can be exported: to look at what waits for a \
                consumer would take it out of its order.

                EXAMPLES:
                  shopctl queue export products.dead.v2 > letters.jsonl
                  shopctl queue export products --filter older=7d > old.jsonl
                  shopctl queue export products | jq -r .properties.type | sort | uniq -c
                """)

        @Argument(
            help: ArgumentHelp("The queue of dead letters, or its service.", valueName: "queue"),
            completion: .list(Topology.shop.services.flatMap { [$0.service, $0.dead] }))
        var queue: QueueArgument
        @OptionGroup var filter: LetterFilterOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func run(_ context: CommandContext) async throws {
            let topology = queue.service
            guard queue.name == topology.dead else {
                throw CommandFailure(
                    .badData, "only dead letters can be exported", hint: "shopctl queue export \(topology.dead)",
                    code: .queueUnseen, object: queue.name)
            }
            let broker = try settings.begin(context).broker(name: "shopctl-queue")
            let letters = DeadLetterQueue(topology: topology, broker: broker, logger: .command("queue"))
            let (total, all): (Int, [Delivery])
            do {
                (total, all) = try await letters.look(limit: .max)
            } catch let error as RabbitMQError where error.kind == .notFound {
                throw CommandFailure.missingQueues([topology.dead])
            }
            let wanted = LetterSelection([], filter.filters, now: context.now())
            let lines = all.filter(wanted.contains).map { MessageLine($0, of: topology) }
            try output.write(ExportedMessages(lines: lines), context)
            context.note("\(lines.count) of \(total) dead letters of \(topology.service) written; they stay")
        }
    }
}

/// Messages, a line each; also where people read.
struct ExportedMessages: Report {
    let lines: [MessageLine]

    var body: ReportBody { .many("messages", lines.map(\.record)) }

    func table(_ style: TextStyle) -> String {
        lines.map { JSONText.compact(.record($0.record.led(by: "schema_version", .integer(schemaVersion)))) + "\n" }
            .joined()
    }
}
