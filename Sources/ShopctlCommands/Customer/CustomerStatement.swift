import ArgumentParser
import GRPCCore
import Hosting
import ShopContracts
import ShopProtos
import SwiftProtobuf

extension CustomerCommand {
    /// `shopctl customer statement`
    struct CustomerStatement: ListingCommand {
        typealias Listing = StatementListing

        static let configuration = CommandConfiguration(
            commandName: "statement",
            abstract: "List what moved a customer's balance, the latest first.",
            discussion: """
                Entries of the ledger with the balance after each: top_up; hold and release of an order's money; sale; \
                refund to a buyer; refund_hold, refund_release and refunded of a seller's proceeds.

                EXAMPLES:
                  shopctl customer statement 3
                  shopctl customer statement 3 --since 7d --sort id
                  shopctl customer statement 3 --limit 1000 -o jsonl
                """)

        @OptionGroup var id: CustomerID
        @Option(parsing: .unconditional, help: "The order; a dash puts the latest first.")
        var sort = IDSort.descending
        @OptionGroup var list: ListOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func run(_ context: CommandContext) async throws {
            let caller = try await OperatorCaller.admin(try settings.begin(context), context)
            let paged = list.paged("customer statement", sort: sort.rawValue, [String(id.customer)])
            let cursor = try list.innerCursor(of: paged)
            try await list.watching(context, output) { context in
                var request = Cart_ListStatementRequest()
                request.userID = id.customer
                request.ascending = sort.isAscending
                if let since = list.sinceMicroseconds(context.now()) { request.since = since }
                if let until = list.untilMicroseconds(context.now()) { request.until = until }
                let asked = request
                let (entries, page) = try await caller.page(list.limit, from: cursor, of: paged) {
                    peers, size, cursor in
                    var request = asked
                    request.pageSize = size
                    request.cursor = cursor
                    let page = try await peers.customers.listStatement(request, options: OperatorCaller.usual)
                    return (page.entries.map { ($0, page.currency) }, page.nextCursor, page.total)
                }
                if entries.isEmpty {
                    try await NamedUser(id: id.customer, configuration: caller.configuration).require(caller, context)
                }
                try output.write(StatementListing(entries: entries, page: page), context)
            }
        }
    }
}

/// Entries of the ledger, a line each.
struct StatementListing: ListReport {
    /// Each with its currency.
    let entries: [(entry: Cart_StatementEntry, currency: String)]
    let page: Page?

    var body: ReportBody {
        .many(
            "entries",
            entries.map { entry, currency in
                [
                    "id": .integer(entry.id),
                    "kind": .text(entry.kind),
                    "amount": .integer(entry.amount),
                    "balance": .integer(entry.balance),
                    "currency": .text(currency),
                    "order_id": .optional(entry.orderID == 0 ? nil : entry.orderID),
                    "created_at": .text(entry.createdAt),
                ]
            })
    }

    static var columns: [Table.Column] {
        [
            .right("ID", extra: true), .left("TIME", "created_at"), .left("KIND"), .right("AMOUNT", vital: true),
            .right("BALANCE", vital: true), .right("ORDER", "order_id"),
        ]
    }

    func table(_ style: TextStyle) -> String {
        var table = Table(columns)
        for (entry, currency) in entries {
            table.add([
                .plain(String(entry.id)), .time(text: entry.createdAt), .plain(entry.kind),
                .styled(Money.text(entry.amount, currency), entry.amount < 0 ? .none : .green),
                .plain(Money.text(entry.balance, currency)),
                .plain(entry.orderID == 0 ? "-" : String(entry.orderID)),
            ])
        }
        return table.text(style)
    }
}
