import ArgumentParser
import FoundationEssentials
import Hosting
import Sagas
import ShopContracts

extension OrderCommand {
    /// The argument of `--state`.
    struct StateArgument: ExpressibleByArgument, Sendable {
        /// Empty for all.
        let states: [OrderState]

        init?(argument: String) {
            switch argument {
            case "all": states = []
            case "open": states = OrderState.allCases.filter(\.isUnderWay)
            default:
                guard let state = OrderState(rawValue: argument) else { return nil }
                states = [state]
            }
        }

        static var allValueStrings: [String] { ["all", "open"] + OrderState.allCases.map(\.rawValue) }
        static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
    }

    /// `shopctl order list`
    struct OrderList: ListingCommand {
        typealias Listing = OrderListing

        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List orders, the youngest first.",
            discussion: """
                Reads the orders' database: it works while every server of the shop is down. Open orders are those \
                that a saga is about to turn: pending or cancelling. REASON tells why an order was rejected, \
                CANCELLATION REASON why its last cancellation came to nothing, or else the reason that an operator \
                gave when it was called off. --since and --until go by when it was placed.

                EXAMPLES:
                  shopctl order list
                  shopctl order list --buyer 3 --state confirmed
                  shopctl order list --state open --watch
                  shopctl order list --since 1h --sort=-price
                  shopctl order list --state rejected --limit 1000 -o jsonl
                """)

        @Option(
            help: ArgumentHelp(
                "Which: \(StateArgument.allValueStrings.joined(separator: ", ")) (default: all).", valueName: "state"))
        var state: StateArgument?
        @Option(
            name: [.customLong("buyer"), .customLong("user")],
            help: ArgumentHelp("Only those of this user.", valueName: "id"))
        var buyer: Int64?
        @Option(parsing: .unconditional, help: "The order; a dash puts the youngest or dearest first.")
        var sort = Sort.youngest
        @OptionGroup var list: ListOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        /// Values of `--sort`.
        enum Sort: String, SortArgument {
            case youngest = "-id"
            case oldest = "id"
            case dearest = "-price"
            case cheapest = "price"
        }

        func validate() throws {
            guard buyer ?? 1 > 0 else { throw ValidationError("--buyer must be more than zero") }
        }

        func run(_ context: CommandContext) async throws {
            let configuration = try settings.begin(context)
            let after = try list.cursor.map { try PageCursor($0, of: paged) }.flatMap(OrderSelection.Place.init)
            let database = try configuration.database(of: .orders, among: [.orders])
            try await list.watching(context, output) { context in
                let now = context.now()
                let selection = OrderSelection(
                    states: state?.states ?? [], buyerID: buyer, since: list.since?.date(now: now),
                    until: list.until?.date(now: now), key: sort == .youngest || sort == .oldest ? .id : .total,
                    isAscending: sort.isAscending, after: after)
                let (orders, total) = try await LocatedError.about("database of orders") {
                    try await SagaSources.withClient(database) { client in
                        try await selection.page(limit: list.limit + 1, in: client)
                    }
                }
                let shown = Array(orders.prefix(list.limit))
                let next = orders.count > shown.count ? shown.last.map { cursor(of: $0).text } : nil
                let page = Page(count: shown.count, total: total, next: next)
                try output.write(OrderListing(orders: shown, page: page), context)
            }
        }

        /// The list as its cursors know it.
        private var paged: PagedList {
            let states = (state?.states ?? []).map(\.rawValue).joined(separator: ",")
            return list.paged("order list", sort: sort.rawValue, [states, buyer.map(String.init)])
        }

        private func cursor(of order: OrderSelection.Line) -> PageCursor {
            let key = sort == .youngest || sort == .oldest ? order.id : order.total
            return PageCursor(of: paged, key: key, id: String(order.id))
        }
    }
}

/// Orders, a line each.
struct OrderListing: ListReport {
    let orders: [OrderSelection.Line]
    let page: Page?

    var schemaVersion: Int64 { 2 }
    var body: ReportBody { .many("orders", orders.map(\.output)) }

    static var columns: [Table.Column] {
        [
            .right("ORDER", "id"), .right("BUYER", "user_id"), .left("STATE"), .right("TOTAL", "price"),
            .right("PRODUCTS", "product_count"), .left("CREATED", "created_at"), .left("REASON", vital: true),
            .left("CANCELLATION REASON", "cancellation_reason"),
            .left("DECIDED", "decided_at", extra: true), .left("CANCELLED", "cancelled_at", extra: true),
            .left("SAGA", "saga_id", extra: true),
        ]
    }

    func table(_ style: TextStyle) -> String {
        var table = Table(columns)
        for order in orders {
            table.add([
                .plain(String(order.id)), .plain(String(order.userID)),
                .styled(order.state, OrderReport.emphasis(of: order.state)),
                .plain(Money.text(order.total, order.currency)), .plain(String(order.productCount)),
                .time(order.createdAt), .plain(order.refusal?.code ?? ""),
                .plain(order.cancellationRefusal?.code ?? order.calledOffBecause.map(Printable.line) ?? ""),
                .time(order.decidedAt), .time(order.cancelledAt),
                .id(order.sagaID.uuidString.lowercased()),
            ])
        }
        return table.text(style)
    }
}
