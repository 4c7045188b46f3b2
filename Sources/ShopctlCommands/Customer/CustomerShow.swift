import ArgumentParser
import GRPCCore
import Hosting
import ShopContracts
import ShopProtos
import SwiftProtobuf

extension CustomerCommand {
    /// `shopctl customer show`
    struct CustomerShow: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "Show a customer's balance, what is held for which orders, and how full the cart is.",
            discussion: """
                Who has neither an account nor money nor a cart is not there (exit status 66).

                EXAMPLES:
                  shopctl customer show 3
                  shopctl customer show 3 -o json
                """)

        @OptionGroup var id: CustomerID
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func run(_ context: CommandContext) async throws {
            let caller = try await OperatorCaller.admin(try settings.begin(context), context)
            let user = id.customer
            let report = try await caller.calling { peers in
                let options = OperatorCaller.usual
                async let balance = peers.customers.getUserBalance(.with { $0.userID = user }, options: options)
                async let holds = peers.customers.getHolds(.with { $0.userID = user }, options: options)
                async let cart = peers.customers.getCart(.with { $0.userID = user }, options: options)
                return CustomerReport(
                    userID: user, balance: try await balance, holds: try await holds.holds, cart: try await cart)
            }
            if report.isBlank {
                try await NamedUser(id: user, configuration: caller.configuration).require(caller, context)
            }
            try output.write(report, context)
        }
    }
}

/// A customer as results show them.
struct CustomerReport: Report {
    let userID: Int64
    let balance: Cart_GetUserBalanceResponse
    let holds: [Cart_Hold]
    let cart: Cart_GetCartResponse

    /// Whether it shows nothing that is of somebody.
    var isBlank: Bool { balance.balance == 0 && balance.held == 0 && holds.isEmpty && cart.lines.isEmpty }

    var schemaVersion: Int64 { 2 }
    var body: ReportBody {
        .one([
            "user_id": .integer(userID),
            "balance": .integer(balance.balance),
            "held": .integer(balance.held),
            "currency": .text(balance.currency),
            "holds": .records(
                holds.map {
                    [
                        "order_id": .integer($0.orderID), "amount": .integer($0.amount),
                        "created_at": .text($0.createdAt),
                    ]
                }),
            "cart": .record(["line_count": .count(cart.lines.count), "total": .integer(cart.total)]),
        ])
    }

    func table(_ style: TextStyle) -> String {
        let currency = balance.currency
        var text = "\(style.bold("customer \(userID)"))  balance \(Money.text(balance.balance, currency))"
        text += "  held \(Money.text(balance.held, currency))\n"
        let lines = "\(cart.lines.count) \(cart.lines.count == 1 ? "line" : "lines")"
        text += "cart \(lines), \(Money.text(cart.total, currency))\n"
        guard !holds.isEmpty else { return text }
        var table = Table([.right("ORDER"), .right("HELD"), .left("SINCE")])
        for hold in holds {
            table.add([
                .plain(String(hold.orderID)), .plain(Money.text(hold.amount, currency)), .time(text: hold.createdAt),
            ])
        }
        return text + "\n" + table.text(style.ofPart)
    }
}
