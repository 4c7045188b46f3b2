import ArgumentParser
import Hosting

extension OrderCommand {
    /// `shopctl order story`
    struct OrderStory: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "story",
            abstract: "Tell all that happened to an order, across services.",
            discussion: """
                Reads the services' databases and the broker's queues, and changes nothing: it works while every server \
                of the shop is down. Tells the request that placed the order (its trace, and its id where an admin or \
                an operator made it; log lines have both), its sagas step by step, the stock that was set aside, the \
                ledger and the notices, each with time and place. Times are UTC, by each service's own database. If a \
                source cannot be asked the rest is told (exit status 3).

                EXAMPLES:
                  shopctl order story 1
                  shopctl order story 1 -o json | jq -r '.events[].text'
                """)

        @Argument(help: ArgumentHelp("The order's id.", valueName: "id"), completion: LiveNames.orders.completion)
        var order: Int64
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func validate() throws {
            guard order > 0 else { throw ValidationError("an order's id is more than zero") }
        }

        func run(_ context: CommandContext) async throws {
            let sources = OrderSources(try settings.begin(context), context)
            guard let dossier = try await sources.dossier(of: order) else {
                throw CommandFailure.orderMissing(order)
            }
            try output.write(dossier, context)
            if !dossier.notAsked.isEmpty {
                throw CommandFailure.notAllAsked(
                    dossier.notAsked.map(\.service), causes: dossier.notAsked.map { "\($0.service): \($0.reason)" })
            }
        }
    }
}
