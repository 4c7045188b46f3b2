import ArgumentParser
import FoundationEssentials
import Hosting
import Sagas
import ShopContracts

extension OrderCommand {
    /// `shopctl order watch`
    struct OrderWatch: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "watch",
            abstract: "Follow an order to its end, a line for each step.",
            discussion: """
                Tells what has happened so far, as 'order story' does, and then each step as it happens, until the \
                order is settled and its sagas are over. It reads the services' databases; a service that cannot be \
                asked is told, and its steps when it can. With -o jsonl a line is an object; -o json and yaml tell the \
                whole story at the end.

                The exit status tells the end: 0 if the order is confirmed, or called off as it was asked to be; 2 if \
                it is rejected, or stands though it was to be called off; 75 when --timeout is over before.

                EXAMPLES:
                  shopctl order watch 1
                  shopctl order watch 1 --timeout 5m -o jsonl | jq -r .text
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
            var seen = SeenSteps()
            var pause = Self.shortestPause
            while true {
                guard let dossier = try await sources.dossier(of: order) else {
                    throw CommandFailure.orderMissing(order)
                }
                let news = seen.news(in: dossier)
                if !news.isEmpty, output.output.isStreamed {
                    try output.write(OrderSteps(order: dossier.order, events: news), context)
                }
                for source in seen.newlySilent(in: dossier) { context.warn("not asked: \(source)") }
                if dossier.isOver {
                    if !output.output.isStreamed { try output.write(dossier, context) }
                    return try end(dossier, seen)
                }
                pause = news.isEmpty ? min(pause * 2, Self.longestPause) : Self.shortestPause
                try await Task.sleep(for: pause)
            }
        }

        private static let shortestPause = Duration.milliseconds(200)
        private static let longestPause = Duration.seconds(2)

        private func end(_ dossier: OrderDossier, _ seen: SeenSteps) throws {
            let state = OrderState(rawValue: dossier.order.state)
            let isCalledOff = dossier.order.refusalCode.flatMap(CallingOff.init) != nil
            // A cancellation that was seen under way has come to nothing.
            let isRefused = state == .confirmed && seen.wasCancelling
            if isRefused || state == .rejected && !isCalledOff { throw CommandFailure(.no) }
        }
    }
}

extension OutputFormat {
    /// Whether results that come one by one can be told in it.
    fileprivate var isStreamed: Bool { self != .json && self != .yaml }
}

/// The steps of an order that have been told.
struct SeenSteps {
    private var told: Set<[String]> = []
    private var silent: Set<String> = []
    /// Whether the order was ever seen while it was being cancelled.
    private(set) var wasCancelling = false

    /// The steps that are new.
    mutating func news(in dossier: OrderDossier) -> [OrderStoryEvent] {
        if dossier.order.state == OrderState.cancelling.rawValue { wasCancelling = true }
        return dossier.events.filter { event in
            // How often a message was tried in vain is no step.
            let text = event.event.hasSuffix("_unsent") ? "" : event.text
            let key = [
                Timestamp.text(event.at), event.place, event.event, event.sagaID?.uuidString ?? "",
                event.messageID ?? "", text,
            ]
            return told.insert(key).inserted
        }
    }

    /// The sources that could be asked before, and cannot now; each with the reason.
    mutating func newlySilent(in dossier: OrderDossier) -> [String] {
        let now = dossier.notAsked.map { (name: $0.service, text: "\($0.service): \($0.reason)") }
        let new = now.filter { !silent.contains($0.name) }
        silent = Set(now.map(\.name))
        return new.map(\.text)
    }
}

extension OrderDossier {
    /// Whether nothing more is to come: it is settled, and so are its sagas.
    fileprivate var isOver: Bool {
        OrderState(rawValue: order.state)?.isUnderWay == false && sagas.allSatisfy { $0.facts.saga.finishedAt != nil }
    }
}

/// Steps of an order, a line each.
struct OrderSteps: Report {
    let order: OrderRecord
    let events: [OrderStoryEvent]

    var body: ReportBody { .many("events", events.map { $0.output(since: order.createdAt) }) }

    func table(_ style: TextStyle) -> String {
        events.map { event in
            let time = style.now == nil ? Timestamp.text(event.at) : Timestamp.offset(event.at, since: order.createdAt)
            let place = event.place + String(repeating: " ", count: max(0, Self.placeWidth - event.place.count))
            return "\(time)  \(style.apply(.dim, place))  \(Printable.line(event.text))\n"
        }.joined()
    }

    /// The cells of the longest name of a place, `customers`.
    private static let placeWidth = 9
}
