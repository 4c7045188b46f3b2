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
                READY counts messages that wait for a consumer; those that a consumer is busy with are not among them.

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
