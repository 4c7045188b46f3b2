import ArgumentParser
import Events
import Hosting
import Logging
import RabbitMQ

extension QueueCommand {
    /// `shopctl queue peek`
    struct QueuePeek: ShopctlCommand {
        static let configuration = CommandConfiguration(
            commandName: "peek",
            abstract: "Look at a service's dead letters; they stay where they are.",
            discussion: """
                Shows of each what it is, whose saga it belongs to, why it was given up on and its body, the oldest \
                first. Classes: undecodable and protocol_violation died at once; unknown_type, newer_version and \
                exhausted have failed as often as a message may; broker_ and a reason were moved by the broker. Looking \
                returns no letter to the queue, so that no delivery limit is touched: each is replaced by a copy.

                EXAMPLES:
                  shopctl queue peek products
                  shopctl queue peek orders --limit 100 -o jsonl
                """)

        @Argument(help: ArgumentHelp("Whose dead letters.", valueName: "service"))
        var service: ServiceArgument
        @Option(help: ArgumentHelp("How many at most.", valueName: "count"))
        var limit = 20
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func validate() throws {
            guard (1...10_000).contains(limit) else { throw ValidationError("--limit must be 1 to 10000") }
        }

        func run(_ context: CommandContext) async throws {
            let broker = try settings.begin(context).broker(name: "shopctl-queue")
            let topology = service.topology
            let letters: (total: Int, letters: [Delivery])
            do {
                letters = try await DeadLetterQueue(topology: topology, broker: broker, logger: .command("queue"))
                    .look(limit: limit)
            } catch let error as RabbitMQError where error.kind == .notFound {
                throw CommandFailure.missingQueues([topology.dead])
            }
            try output.write(
                DeadLetterListing(service: topology.service, total: letters.total, letters: letters.letters), context)
        }
    }
}
