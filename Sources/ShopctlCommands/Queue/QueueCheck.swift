import ArgumentParser
import Events
import Hosting
import RabbitMQ

extension QueueCommand {
    /// `shopctl queue check`
    struct QueueCheck: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "check",
            abstract: "Check that every message reaches its queue, and that nothing drops it there.",
            discussion: """
                Looks for queues that are missing, bindings that are missing or that the shop does not know, and \
                policies under which messages are lost or become dead letters without having failed, and for messages \
                that were given up on. Bindings and policies are told by RabbitMQ's management interface only: set \
                SHOPCTL_AMQP_MANAGEMENT_URL, or \
                SHOPCTL_AMQP_MANAGEMENT_URL_FILE, to its URL with a user that has the tag 'monitoring'. Its figures \
                are some seconds old. Where a service has made a missing binding again by itself, the events that \
                went past its queue are told by its database until they were sent again ('outbox replay'); services whose \
                database is not set are left out.

                Exit status 0 if all is well, 2 if something is wrong, 3 if not all that the settings name could be \
                asked and what could is well. Where no management interface is set a line says so.

                EXAMPLES:
                  shopctl queue check || echo "look at the broker"
                  shopctl queue check -o json | jq -r '.findings[].next[]'
                """)

        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func run(_ context: CommandContext) async throws {
            let configuration = try settings.begin(context)
            let broker = try configuration.broker(name: "shopctl-queue")
            let (overview, snapshot, failure) = try await QueueCommand.overview(configuration, broker)
            var check = QueueCheckReport(overview: overview, snapshot: snapshot, virtualHost: broker.virtualHost)
            (check.lost, check.unasked) = await LostEvents.ask(configuration)
            check.isFailureTold = failure != nil
            try output.write(check, context)
            if !check.isWell { throw CommandFailure(.no) }
            if let failure {
                throw CommandFailure(
                    .partial, "\(failure); what AMQP tells is shown", hint: QueueOverview.way,
                    code: .managementInterface, causes: check.unasked)
            }
            if !check.unasked.isEmpty {
                throw CommandFailure(
                    .partial, "whether a queue lacks events is not known", hint: "shopctl doctor", causes: check.unasked
                )
            }
        }
    }
}
