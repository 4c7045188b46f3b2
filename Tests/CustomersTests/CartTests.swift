import Hosting
import Postgres
import ShopHarness
import ShopProtos
import SwiftProtobuf
import Testing

@testable import Customers

@Suite(.serialized) struct CartTests {
    @Test func whatIsAddedTwiceStandsInOneLine() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 250, amount: 3)
            try await shop.addToCart(7, product, 1)
            try await shop.addToCart(7, product, 2)
            let cart = try await shop.cart(7)
            #expect(cart.productIds == [product])
            #expect(cart.lines.map(\.amount) == [3])
        }
    }

    @Test func theCartShowsPresentPricesAndWhatCannotBeBought() async throws {
        try await Shop.open { shop in
            let cup = try await shop.sell(price: 250, amount: 3, name: "Cup")
            let pot = try await shop.sell(price: 1_000, amount: 2, name: "Pot")
            try await shop.addToCart(7, cup, 3)
            try await shop.addToCart(7, pot, 2)
            #expect(try await shop.cart(7).total == 2_750)
            try await shop.setInCart(7, pot, 5)
            try await shop.fillCart(7, lines: 1)
            let cart = try await shop.cart(7)
            #expect(cart.lines.map(\.name) == ["Cup", "Pot", ""])
            #expect(cart.lines.map(\.price) == [250, 1_000, 0])
            #expect(cart.lines.map(\.inStock) == [3, 2, 0])
            #expect(cart.lines.map(\.amount) == [3, 5, 1])
            #expect(cart.lines.map(\.unavailable) == ["", "out_of_stock", "product_unavailable"])
            #expect(cart.total == 750)
            #expect(cart.currency == "RUB")
        }
    }

    @Test func linesAreSetRemovedAndCleared() async throws {
        try await Shop.open { shop in
            let cup = try await shop.sell(price: 250, amount: 3)
            let pot = try await shop.sell(price: 1_000, amount: 2)
            try await shop.setInCart(7, cup, 2)
            try await shop.setInCart(7, cup, 1)
            try await shop.setInCart(7, pot, 4)
            #expect(try await shop.cart(7).lines.map(\.amount) == [1, 4])
            try await shop.setInCart(7, cup, 0)
            try await shop.setInCart(7, cup, 0)
            #expect(try await shop.cart(7).productIds == [pot])
            func remove() async throws {
                _ = try await shop.as(7) {
                    try await shop.peers.customers.deleteFromCart(
                        .with {
                            $0.userID = 7
                            $0.productID = pot
                        })
                }
            }
            try await remove()
            #expect(try await refusal(remove) == "not_found not_in_cart")
            try await shop.addToCart(7, cup)
            try await shop.addToCart(8, cup)
            _ = try await shop.as(7) { try await shop.peers.customers.clearCart(.with { $0.userID = 7 }) }
            #expect(try await shop.cart(7).lines.isEmpty)
            #expect(try await shop.cart(8).productIds == [cup])
        }
    }

    @Test func whatIsMalformedOrAnothersIsRefused() async throws {
        try await Shop.open { shop in
            let cup = try await shop.sell(price: 250, amount: 3)
            #expect(try await refusal { try await shop.addToCart(7, cup, 0) } == "invalid_argument invalid_amount")
            #expect(try await refusal { try await shop.setInCart(7, cup, -1) } == "invalid_argument invalid_amount")
            #expect(
                try await refusal { try await shop.setInCart(7, cup, 1_000_001) } == "invalid_argument invalid_amount")
            #expect(try await refusal { try await shop.setInCart(7, 0, 1) } == "invalid_argument invalid_product_id")
            #expect(try await refusal { try await shop.setInCart(7, cup + 1, 1) } == "not_found product_not_found")
            #expect(try await refusal { try await shop.addToCart(7, cup + 1) } == "not_found product_not_found")
            try await shop.setInCart(7, cup, 1_000_000)
            #expect(try await refusal { try await shop.addToCart(7, cup) } == "failed_precondition cart_line_full")
            #expect(try await shop.cart(7).lines.map(\.amount) == [1_000_000])
            func asAnother(_ call: () async throws -> Void) async throws -> String {
                try await refusal { try await shop.as(8) { try await call() } }
            }
            let customers = shop.peers.customers
            let denied = "permission_denied not_owner"
            #expect(try await asAnother { _ = try await customers.getCart(.with { $0.userID = 7 }) } == denied)
            #expect(try await asAnother { _ = try await customers.clearCart(.with { $0.userID = 7 }) } == denied)
            #expect(try await asAnother { _ = try await customers.setCartAmount(.with { $0.userID = 7 }) } == denied)
            #expect(try await asAnother { _ = try await customers.mergeCart(.with { $0.userID = 7 }) } == denied)
            #expect(try await asAnother { _ = try await customers.getStatement(.with { $0.userID = 7 }) } == denied)
            #expect(try await asAnother { _ = try await customers.getHolds(.with { $0.userID = 7 }) } == denied)
            #expect(
                try await refusal { _ = try await customers.getCart(.with { $0.userID = 7 }) }
                    == "unauthenticated token_required")
        }
    }

    @Test func aCartHoldsTwoHundredProductsHoweverManyAddAtOnce() async throws {
        try await Shop.open { shop in
            var products: [Int64] = []
            for _ in 0..<6 { products.append(try await shop.sell(price: 100, amount: 9)) }
            try await shop.fillCart(7, lines: 198)
            let outcomes = try await withThrowingTaskGroup(of: String.self) { group in
                for product in products {
                    group.addTask { try await refusal { try await shop.addToCart(7, product) } }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.filter { $0 == "ok" }.count == 2)
            #expect(outcomes.filter { $0 == "failed_precondition cart_full" }.count == 4)
            let cart = try await shop.cart(7)
            #expect(cart.lines.count == 200)
            // A full cart's lines can still be changed.
            let inside = try #require(products.first { cart.productIds.contains($0) })
            try await shop.addToCart(7, inside)
            let outside = try #require(products.first { !cart.productIds.contains($0) })
            #expect(
                try await refusal { try await shop.setInCart(7, outside, 1) } == "failed_precondition cart_full")
        }
    }

    @Test func whatDoesNotFitIntoTheTotalIsMarked() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 1_000, amount: 1)
            try await shop.productsDB.query("UPDATE products SET price = 9223372036854, amount = 1000000")
            try await shop.customersDB.query(
                "INSERT INTO cart_lines (user_id, product_id, amount) VALUES (7, \(product), 1000000), (8, \(product), 2)"
            )
            #expect(try await shop.cart(8).total == 18_446_744_073_708)
            let other = try await shop.sell(price: 10_000_000, amount: 1)
            try await shop.productsDB.query("UPDATE products SET amount = 1000000 WHERE id = \(other)")
            try await shop.setInCart(7, other, 1_000_000)
            let cart = try await shop.cart(7)
            #expect(Set(cart.lines.map(\.unavailable)) == ["", "amount_overflow"])
            let fitting = try #require(cart.lines.first { $0.unavailable.isEmpty })
            #expect(cart.total == fitting.price * fitting.amount)
        }
    }

    @Test func withoutTheCatalogueTheCartSaysSo() async throws {
        try await Shop.open { shop in
            try await shop.fillCart(7, lines: 1)
            let away = try Peers(local: [])
            let view = CartView(
                store: CartStore(database: shop.customersDB), products: away.products, currency: "RUB")
            try await away.withConnections {
                let outcome = try await refusal { _ = try await view.cart(of: 7) }
                #expect(outcome == "unavailable products_unavailable")
                // An empty cart needs no prices.
                let empty = try await view.cart(of: 8)
                #expect(empty.lines.isEmpty)
            }
        }
    }
}
