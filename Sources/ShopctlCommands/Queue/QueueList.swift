import ArgumentParser
import Events
import Hosting
import RabbitMQ

extension QueueCommand {
    /// `shopctl queue list`
    struct QueueList: ListingCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List the queues of the shop with what is in them.",
            discussion: """
                Shows every inbox and whatever else there is something to say about; with -o wide, --columns and \
                for programs all queues. READY counts messages that wait for a consumer, UNACKED those that consumers \
                have taken and not acknowledged: only with both at 0 is a queue empty. RETRYING and DEAD are those of \
                the inbox's service. OLDEST is when the first of its dead letters died, unless these are more than \
                1000, or are watched: to look at a letter means to replace it by a copy.

                UNACKED, messages a second (put in, handed out, acknowledged), BINDINGS and POLICY are told by \
                RabbitMQ's management interface, if SHOPCTL_AMQP_MANAGEMENT_URL is set, as of some seconds ago. \
                'queue check' says whether something is wrong.

                EXAMPLES:
                  shopctl queue list
                  shopctl queue list --columns queue,ready --watch
                  shopctl queue list -o jsonl | jq -r 'select(.concern) | .queue'
                """)

        @Flag(help: "List again every 2 s, until stopped.")
        var watch = false
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func run(_ context: CommandContext) async throws {
            let configuration = try settings.begin(context)
            let broker = try configuration.broker(name: "shopctl-queue")
            try await Watch.run(watch, context, output) { context in
                let seen = try await QueueCommand.overview(configuration, broker)
                var overview = seen.overview
                if !watch { await overview.findOldest(broker, .command("queue")) }
                try output.write(overview, context)
                guard let failure = seen.failure else { return }
                guard !watch else { return context.warn("\(failure)") }
                throw CommandFailure(
                    .partial, "\(failure); what AMQP tells is shown", hint: QueueOverview.way,
                    code: .managementInterface)
            }
        }
    }
}
