import ArgumentParser
import Events
import Hosting

extension QueueCommand {
    /// `shopctl queue list`
    struct QueueList: ShopctlCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List the queues of the shop with what is in them.",
            discussion: """
                READY counts messages that wait for a consumer. What consumers have taken and not acknowledged is not \
                among them: a queue with READY 0 and a consumer need not be empty. Whether a queue is bound cannot be \
                seen either; services bind their queues again at start and once a minute.

                EXAMPLES:
                  shopctl queue list
                  shopctl queue list -o jsonl | jq -r 'select(.concern) | .queue'
                """)

        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func run(_ context: CommandContext) async throws {
            let broker = try settings.begin(context).broker(name: "shopctl-queue")
            let overview = try await QueueCommand.withAdmin(broker) { admin in
                try await QueueOverview(Topology.shop.services, admin)
            }
            try output.write(overview, context)
        }
    }
}
