import ArgumentParser
import Events
import Hosting
import RabbitMQ

extension QueueCommand {
    /// `shopctl queue list`
    struct QueueList: ListingCommand {
        typealias Listing = QueueOverview

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
                  shopctl queue list --sort -ready --limit 5
                  shopctl queue list -o jsonl | jq -r 'select(.concern) | .queue'
                """)

        @Option(parsing: .unconditional, help: "The order; a dash puts the last service or the fullest queue first.")
        var sort = QueueSort.service
        @OptionGroup var pages: PageOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func run(_ context: CommandContext) async throws {
            let configuration = try settings.begin(context)
            let broker = try configuration.broker(name: "shopctl-queue")
            // For people only what there is something to say about, unless they ask for more.
            let isWhole = output.output != .table || output.columns != nil
            let paged = PagedList("queue list", sort: sort.rawValue, ["\(isWhole)"])
            let after = try pages.cursor.map { try PageCursor($0, of: paged) }
            try await pages.watching(context, output) { context in
                let seen = try await QueueCommand.overview(configuration, broker)
                var overview = seen.overview
                overview.cut(isWhole: isWhole, by: sort, after: after, of: paged, limit: pages.limit)
                if !pages.watch { await overview.findOldest(broker, .command("queue")) }
                try output.write(overview, context)
                guard let failure = seen.failure else { return }
                guard !pages.watch else { return context.warn("\(failure)") }
                throw CommandFailure(
                    .partial, "\(failure); what AMQP tells is shown", hint: QueueOverview.way,
                    code: .managementInterface)
            }
        }
    }
}

/// Orders of queues.
enum QueueSort: String, SortArgument {
    /// By service, as they are declared.
    case service
    case serviceDescending = "-service"
    case ready
    case readyDescending = "-ready"

    /// Those that have as much ready by service.
    func sorted(_ queues: [QueueOverview.Queue]) -> [QueueOverview.Queue] {
        let ascending =
            switch self {
            case .service, .serviceDescending: queues
            case .ready, .readyDescending:
                queues.enumerated().sorted { one, other in
                    (Self.ready(one.element), one.offset) < (Self.ready(other.element), other.offset)
                }.map(\.element)
            }
        return isAscending ? ascending : ascending.reversed()
    }

    /// The number of messages that are ready; of a queue that is not there less than none.
    private static func ready(_ queue: QueueOverview.Queue) -> Int { queue.status?.messages ?? -1 }
}
