import ArgumentParser
import GRPCCore
import Hosting
import ShopContracts
import ShopProtos
import SwiftProtobuf

extension CustomerCommand {
    /// `shopctl customer cart`
    struct CustomerCart: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "cart",
            abstract: "Show a customer's cart at the present prices.",
            discussion: """
                NOTE tells why a line cannot be bought as it is; the total is that of the others.

                EXAMPLES:
                  shopctl customer cart 3
                  shopctl customer cart 3 -o json
                """)

        @OptionGroup var id: CustomerID
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func run(_ context: CommandContext) async throws {
            let caller = try await OperatorCaller.admin(try settings.begin(context), context)
            let cart = try await caller.calling { peers in
                try await peers.customers.getCart(
                    .with { $0.userID = id.customer }, options: OperatorCaller.usual)
            }
            if cart.lines.isEmpty {
                try await NamedUser(id: id.customer, configuration: caller.configuration).require(caller, context)
            }
            try output.write(CartReport(userID: id.customer, cart: cart), context)
        }
    }
}

/// A cart as results show it.
struct CartReport: Report {
    let userID: Int64
    let cart: Cart_GetCartResponse

    var body: ReportBody {
        .one([
            "user_id": .integer(userID),
            "total": .integer(cart.total),
            "currency": .text(cart.currency),
            "lines": .records(
                cart.lines.map { line in
                    [
                        "product_id": .integer(line.productID),
                        "name": .optional(line.name.isEmpty ? nil : line.name),
                        "amount": .integer(line.amount),
                        "price": .integer(line.price),
                        "in_stock": .integer(line.inStock),
                        "unavailable": .optional(line.unavailable.isEmpty ? nil : line.unavailable),
                    ]
                }),
        ])
    }

    func table(_ style: TextStyle) -> String {
        guard !cart.lines.isEmpty else { return "the cart of user \(userID) is empty\n" }
        var table = Table([
            .right("PRODUCT"), .left("NAME"), .right("AMOUNT"), .right("PRICE"), .right("IN STOCK"), .left("NOTE"),
        ])
        for line in cart.lines {
            table.add([
                .plain(String(line.productID)), .plain(line.name), .plain(String(line.amount)),
                .plain(Money.text(line.price, cart.currency)), .plain(String(line.inStock)),
                .styled(line.unavailable, .yellow),
            ])
        }
        return table.text(style) + "\ntotal \(Money.text(cart.total, cart.currency))\n"
    }
}
