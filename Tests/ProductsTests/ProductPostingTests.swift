import Hosting
import Postgres
import ShopHarness
import ShopProtos
import SwiftProtobuf
import Testing

@testable import Products

@Suite struct ProductPostingTests {
    @Test func aProductIsOnSaleAsItWasPosted() async throws {
        try await Shop.open { shop in
            let id = try await shop.as(900) {
                try await shop.peers.products.postProduct(
                    .with {
                        $0.name = "  Teapot "
                        $0.description_p = "Holds a litre."
                        $0.category = "toys"
                        $0.price = 250
                        $0.amount = 3
                        $0.userID = 900
                        $0.photoURL = "https://photos.example/teapot.jpg?size=2#top"
                    }
                ).id
            }
            let product = try await shop.product(id)
            #expect(product.name == "Teapot")
            #expect(product.description_p == "Holds a litre.")
            #expect(product.price == 250)
            #expect(product.currency == "RUB")
            #expect(product.amount == 3)
            #expect(product.userID == 900)
            #expect(product.photoURL == "https://photos.example/teapot.jpg?size=2#top")
            #expect(product.createdAt.hasSuffix("Z") && product.createdAt == product.updatedAt)
            let listed = try await shop.peers.products.getProducts(.with { $0.category = "toys" }).products
            #expect(listed == [product])
            #expect(try await shop.number("SELECT count(*) FROM audit_trail", shop.productsDB) == 0)
        }
    }

    @Test func anAdminMayPostForAUserAndTheTrailSaysSo() async throws {
        try await Shop.open { shop in
            let request = Products_PostProductRequest.with {
                $0.name = "Cup"
                $0.category = "toys"
                $0.price = 1
                $0.amount = 1
                $0.userID = 900
            }
            await refusal(.permissionDenied, "not_owner") {
                _ = try await shop.as(901) { try await shop.peers.products.postProduct(request) }
            }
            let id = try await shop.as(1, .admin) { try await shop.peers.products.postProduct(request).id }
            #expect(
                try await shop.number(
                    """
                    SELECT count(*) FROM audit_trail WHERE actor_id = 1 AND actor_role = 'admin' AND user_id = 900
                        AND action = 'product.post' AND subject_id = \(id)
                    """, shop.productsDB) == 1)
        }
    }

    @Test func aCategoryShowsItsNewestInOrder() async throws {
        try await Shop.open { shop in
            try await shop.productsDB.query(
                """
                INSERT INTO products (seller_id, name, description, category, price, currency, amount)
                SELECT 900, 'Cup', '', 'toys', 1, 'RUB', 1 FROM generate_series(1, 1001)
                """)
            let ids = try await shop.productsDB.query("SELECT id FROM products ORDER BY id").decode((Int64).self)
            let shown = try await shop.peers.products.getProducts(.with { $0.category = "toys" }).products
            #expect(shown.map(\.id) == Array(ids.dropFirst()))
        }
    }

    @Test func whoseProductItIsMustBeSaid() async throws {
        try await Shop.open { shop in
            await refusal(.invalidArgument, "invalid_user_id") {
                _ = try await shop.as(7) {
                    try await shop.peers.products.postProduct(
                        .with {
                            $0.name = "Cup"
                            $0.category = "toys"
                            $0.price = 1
                            $0.amount = 1
                        })
                }
            }
        }
    }

    @Test func theCategoriesAreListed() async throws {
        try await Shop.open { shop in
            let categories = try await shop.peers.products.getCategories(.init()).categories
            #expect(categories == ["clothes", "electronics", "shoes", "toys"])
        }
    }

    @Test func aSellersProductsTheNewestFirst() async throws {
        try await Shop.open { shop in
            let first = try await shop.sell(price: 1, amount: 1, seller: 7)
            let second = try await shop.sell(price: 1, amount: 1, seller: 7)
            _ = try await shop.sell(price: 1, amount: 1, seller: 8)
            let found = try await shop.peers.products.getUserProducts(.with { $0.userID = 7 }).products
            #expect(found.map(\.id) == [second, first])
            #expect(try await shop.peers.products.getUserProducts(.with { $0.userID = 9 }).products.isEmpty)
            await refusal(.invalidArgument, "invalid_user_id") {
                _ = try await shop.peers.products.getUserProducts(.init())
            }
        }
    }
}

@Suite struct ProductFieldTests {
    @Test(arguments: [
        "ftp://photos.example/a", "javascript:alert(1)", "photos.example/a.jpg", "http://", "https:///a.jpg",
        "https://photos.example/a b.jpg", "https://photos.example/" + String(repeating: "a", count: 2026),
        "https://photos.example/\u{0}", " https://photos.example/",
    ])
    func whatIsNoPhotoURL(_ text: String) {
        #expect {
            _ = try ProductFields.photoURL(text)
        } throws: { error in
            (error as? ServiceError)?.reason == "invalid_product"
                && (error as? ServiceError)?.message.contains("photo_url") == true
        }
    }

    @Test(arguments: [
        "", "http://localhost:8080/a.png", "HTTPS://photos.example", "https://[::1]/a?b=c",
        "https://photos.example/" + String(repeating: "a", count: 2025),
    ])
    func whatIsAPhotoURL(_ text: String) throws {
        #expect(try ProductFields.photoURL(text) == text)
    }

    @Test func aPhotoInOtherLettersIsToldOfTheirEscapes() {
        let error = #expect(throws: ServiceError.self) { try ProductFields.photoURL("https://photos.example/é.jpg") }
        #expect(error?.message.contains("percent-encoded") == true)
    }

    @Test(arguments: ["\u{200B}", "\u{202E}cod", "\u{301}", "\u{3164}\u{2800}", "a\u{2066}b"])
    func whatShowsNothingOrReordersIsRefused(_ text: String) {
        let checks: [(String) throws -> String] = [
            { try ProductFields.name($0) }, { try ProductFields.description($0) },
        ]
        for check in checks {
            let error = #expect(throws: ServiceError.self) { _ = try check(text) }
            #expect(error?.code == .invalidArgument && error?.reason == "invalid_product")
            let said = error?.message ?? ""
            #expect(said.contains("must have a character that can be seen") || said.contains("direction of text"))
        }
    }

    @Test func limits() throws {
        for text in ["", "a\n\tb"] { #expect(try ProductFields.description(text) == text) }
        #expect(try ProductFields.name(String(repeating: "é", count: 200)).count == 200)
        #expect(throws: ServiceError.self) { try ProductFields.name(String(repeating: "a", count: 201)) }
        #expect(throws: ServiceError.self) { try ProductFields.name(" \n ") }
        #expect(throws: ServiceError.self) { try ProductFields.name("a\nb") }
        // A NUL hides in a character with what follows it.
        #expect(throws: ServiceError.self) { try ProductFields.name("a\u{0}\u{301}b") }
        #expect(throws: ServiceError.self) { try ProductFields.description(String(repeating: "a", count: 10_001)) }
        #expect(throws: ServiceError.self) { try ProductFields.category("") }
        #expect(throws: ServiceError.self) { try ProductFields.price(0) }
        #expect(throws: ServiceError.self) { try ProductFields.price(ProductFields.priceLimit + 1) }
        #expect(throws: ServiceError.self) { try ProductFields.amount(-1, atLeast: 0) }
        #expect(throws: ServiceError.self) { try ProductFields.amount(0, atLeast: 1) }
    }
}
