import FoundationEssentials
import Hosting
import Postgres
import Sagas
import ShopHarness
import ShopProtos
import SwiftProtobuf
import Testing

@testable import Products

@Suite(.serialized) struct ProductImportTests {
    private static func draft(_ name: String, _ change: (inout Products_PostProductRequest) -> Void = { _ in })
        -> Products_PostProductRequest
    {
        var draft = Products_PostProductRequest.with {
            $0.name = name
            $0.category = "toys"
            $0.price = 250
            $0.amount = 3
            $0.userID = 900
        }
        change(&draft)
        return draft
    }

    private static func request(
        _ products: [Products_PostProductRequest], keepGoing: Bool = false
    ) -> Products_PostProductsRequest {
        .with {
            $0.products = products
            $0.keepGoing = keepGoing
        }
    }

    @Test func allAreOnSaleInTheirOrderAndTheTrailHasEach() async throws {
        try await Shop.open { shop in
            let names = (1...5).map { "Cup \($0)" }
            let reply = try await shop.as(1, .admin) {
                try await shop.peers.products.postProducts(Self.request(names.map { Self.draft($0) }))
            }
            #expect(reply.faults.isEmpty && reply.ids == reply.ids.sorted() && reply.ids.count == 5)
            for (id, name) in zip(reply.ids, names) { #expect(try await shop.product(id).name == name) }
            #expect(
                try await shop.number(
                    "SELECT count(*) FROM audit_trail WHERE action = 'product.post' AND user_id = 900",
                    shop.productsDB) == 5)
        }
    }

    @Test func oneFaultKeepsAllOfThemAwayAndIsToldWithPlaceAndField() async throws {
        try await Shop.open { shop in
            let products = [
                Self.draft("Cup"),
                Self.draft("") { $0.price = 0 },
                Self.draft("Pot") { $0.category = "nonsense" },
                Self.draft("Jug") { $0.currency = "EUR" },
            ]
            let reply = try await shop.as(1, .admin) {
                try await shop.peers.products.postProducts(Self.request(products))
            }
            #expect(reply.ids.isEmpty)
            #expect(reply.faults.map(\.index) == [1, 1, 2, 3])
            #expect(reply.faults.map(\.field) == ["name", "price", "category", "currency"])
            #expect(try await shop.number("SELECT count(*) FROM products", shop.productsDB) == 0)
            let others = try await shop.as(1, .admin) {
                try await shop.peers.products.postProducts(Self.request(products, keepGoing: true))
            }
            #expect(others.ids.map { $0 > 0 } == [true, false, false, false])
            #expect(others.faults == reply.faults)
            #expect(try await shop.number("SELECT count(*) FROM products", shop.productsDB) == 1)
        }
    }

    @Test func aRehearsalFindsTheSameFaultsAndLeavesNothing() async throws {
        try await Shop.open { shop in
            let reply = try await shop.as(1, .admin) {
                try await shop.peers.products.checkPostProducts(Self.request([Self.draft("Cup")]))
            }
            #expect(reply.ids.count == 1)
            #expect(try await shop.number("SELECT count(*) FROM products", shop.productsDB) == 0)
            #expect(try await shop.number("SELECT count(*) FROM audit_trail", shop.productsDB) == 0)
            let product = try await shop.sell(price: 250, amount: 3)
            let imagined = try await shop.as(1, .admin) {
                try await shop.peers.products.checkUpdateProduct(
                    .with {
                        $0.id = product
                        $0.amountChange = -2
                    }
                ).product
            }
            #expect(imagined.amount == 1)
            #expect(try await shop.product(product).amount == 3)
            await refusal(.failedPrecondition, "stock_too_low") {
                _ = try await shop.as(1, .admin) {
                    try await shop.peers.products.checkUpdateProduct(
                        .with {
                            $0.id = product
                            $0.amountChange = -4
                        })
                }
            }
            _ = try await shop.as(1, .admin) {
                try await shop.peers.products.checkDeleteProduct(.with { $0.id = product })
            }
            #expect(try await shop.state(of: product) == "on_sale")
        }
    }

    @Test func whoMayPostForWhomAndHowMany() async throws {
        try await Shop.open { shop in
            let reply = try await shop.as(901) {
                try await shop.peers.products.postProducts(Self.request([Self.draft("Cup")]))
            }
            #expect(reply.faults.map(\.field) == ["user_id"] && reply.faults.map(\.reason) == ["not_owner"])
            for products in [[], Array(repeating: Self.draft("Cup"), count: ProductImports.limit + 1)] {
                await refusal(.invalidArgument, "too_many_products") {
                    _ = try await shop.as(1, .admin) {
                        try await shop.peers.products.postProducts(Self.request(products))
                    }
                }
            }
        }
    }

    @Test func aReasonStandsInTheTrail() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 250, amount: 3)
            try await shop.update(product, as: 1, .admin) {
                $0.price = 240
                $0.reason = "a misprint"
            }
            #expect(
                try await shop.number(
                    "SELECT count(*) FROM audit_trail WHERE action = 'product.update' AND reason = 'a misprint'",
                    shop.productsDB) == 1)
            await refusal(.invalidArgument, "invalid_reason") {
                try await shop.update(product, as: 1, .admin) {
                    $0.price = 230
                    $0.reason = "a\u{1B}[2J"
                }
            }
            #expect(try await shop.product(product).price == 240)
        }
    }

    @Test func aSearchCountsAllAndKnowsTimes() async throws {
        try await Shop.open { shop in
            for index in 1...3 { _ = try await shop.sell(price: Int64(index), amount: 1) }
            let page = try await shop.peers.products.searchProducts(
                .with {
                    $0.pageSize = 2
                    $0.sort = .oldest
                    $0.counted = true
                })
            #expect(page.products.map(\.price) == [1, 2] && page.total == 3)
            let rest = try await shop.peers.products.searchProducts(
                .with {
                    $0.pageSize = 2
                    $0.sort = .oldest
                    $0.cursor = page.nextCursor
                })
            #expect(rest.products.map(\.price) == [3] && rest.nextCursor.isEmpty && rest.total == 0)
            let none = try await shop.peers.products.searchProducts(
                .with {
                    $0.until = 1_000_000
                    $0.counted = true
                })
            #expect(none.products.isEmpty && none.total == 0)
            await refusal(.invalidArgument, "invalid_since") {
                _ = try await shop.peers.products.searchProducts(.with { $0.since = .max })
            }
        }
    }

    @Test func whatCameOfADeletion() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 250, amount: 3)
            let saga = try await shop.delete(product)
            try await shop.awaitEnd(of: saga, .confirm)
            let request = Products_GetProductDeletionRequest.with { $0.sagaID = saga.uuidString }
            let reply = try await shop.as(1, .admin) { try await shop.peers.products.getProductDeletion(request) }
            #expect(reply.productID == product && reply.state == "deleted" && reply.reason.isEmpty)
            await refusal(.permissionDenied, "not_owner") {
                _ = try await shop.as(7) { try await shop.peers.products.getProductDeletion(request) }
            }
            await refusal(.notFound, "deletion_not_found") {
                _ = try await shop.as(1, .admin) {
                    try await shop.peers.products.getProductDeletion(
                        .with { $0.sagaID = "00000000-0000-4000-8000-000000000000" })
                }
            }
        }
    }
}
