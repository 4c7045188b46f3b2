import Hosting
import Postgres
import ShopHarness
import ShopProtos
import SwiftProtobuf
import Testing

@testable import Products
@testable import Sagas

@Suite(.serialized) struct CategoryTests {
    private static func create(_ name: String, _ shop: Shop, _ role: ShopRole = .admin) async throws {
        _ = try await shop.as(1, role) { try await shop.peers.products.createCategory(.with { $0.name = name }) }
    }

    private static func rename(_ name: String, _ newName: String, _ shop: Shop) async throws -> Int64 {
        try await shop.as(1, .admin) {
            try await shop.peers.products.renameCategory(
                .with {
                    $0.name = name
                    $0.newName = newName
                    $0.reason = "a better word"
                }
            ).category.products
        }
    }

    private static func delete(_ name: String, _ shop: Shop) async throws {
        _ = try await shop.as(1, .admin) { try await shop.peers.products.deleteCategory(.with { $0.name = name }) }
    }

    @Test func aNewCategoryTakesProducts() async throws {
        try await Shop.open { shop in
            try await Self.create("garden-2", shop)
            _ = try await shop.sell(price: 1, amount: 1, category: "garden-2")
            let categories = try await shop.peers.products.listCategories(.init()).categories
            #expect(categories.map(\.name) == ["clothes", "electronics", "garden-2", "shoes", "toys"])
            #expect(categories.map(\.products) == [0, 0, 1, 0, 0])
            #expect(try await shop.peers.products.getCategories(.init()).categories == categories.map(\.name))
            await refusal(.alreadyExists, "category_exists") { try await Self.create("garden-2", shop) }
            for name in ["", "7up", "Garden", "a b", "ü", "a/b", String(repeating: "a", count: 51)] {
                await refusal(.invalidArgument, "invalid_category") { try await Self.create(name, shop) }
            }
            await refusal(.permissionDenied, "role_required") { try await Self.create("x", shop, .customer) }
        }
    }

    @Test func aRenamedCategoryHasItsProductsAtOnceAlsoInTheCache() async throws {
        try await Shop.open { shop in
            let cup = try await shop.sell(price: 1, amount: 1)
            let gone = try await shop.sell(price: 1, amount: 1)
            try await shop.awaitEnd(of: try await shop.delete(gone), .confirm)
            // Read once, so that the cache has it.
            let before = try await shop.product(cup)
            #expect(before.category == "toys")
            #expect(try await Self.rename("toys", "games", shop) == 1)
            let after = try await shop.product(cup)
            #expect(after.category == "games" && after.version > before.version)
            #expect(try await shop.peers.products.getProducts(.with { $0.category = "games" }).products.count == 1)
            await refusal(.notFound, "category_not_found") {
                _ = try await shop.peers.products.getProducts(.with { $0.category = "toys" })
            }
            await refusal(.invalidArgument, "category_not_found") { _ = try await shop.sell(price: 1, amount: 1) }
            await refusal(.notFound, "category_not_found") { _ = try await Self.rename("toys", "x", shop) }
            await refusal(.alreadyExists, "category_exists") { _ = try await Self.rename("games", "shoes", shop) }
            #expect(try await shop.product(cup).category == "games")
            #expect(
                try await shop.number(
                    """
                    SELECT count(*) FROM audit_trail
                    WHERE action = 'category.rename toys games' AND reason = 'a better word'
                    """, shop.productsDB) == 1)
        }
    }

    @Test func whatIsOnlyCheckedIsRefusedAlikeAndNotDone() async throws {
        try await Shop.open { shop in
            _ = try await shop.sell(price: 1, amount: 1)
            let products = shop.peers.products
            func create(_ name: String, _ role: ShopRole = .admin) async throws {
                _ = try await shop.as(1, role) { try await products.checkCreateCategory(.with { $0.name = name }) }
            }
            func rename(_ name: String, _ newName: String) async throws -> Int64 {
                let request = Products_RenameCategoryRequest.with {
                    $0.name = name
                    $0.newName = newName
                }
                return try await shop.as(1, .admin) { try await products.checkRenameCategory(request) }
                    .category.products
            }
            func delete(_ name: String) async throws {
                _ = try await shop.as(1, .admin) { try await products.checkDeleteCategory(.with { $0.name = name }) }
            }
            let before = try await products.listCategories(.init())
            try await create("garden")
            #expect(try await rename("toys", "games") == 1)
            try await delete("shoes")
            #expect(try await products.listCategories(.init()) == before)
            #expect(try await shop.number("SELECT count(*) FROM audit_trail", shop.productsDB) == 0)

            await refusal(.permissionDenied, "role_required") { try await create("garden", .customer) }
            await refusal(.alreadyExists, "category_exists") { try await create("toys") }
            await refusal(.invalidArgument, "invalid_category") { try await create("7up") }
            await refusal(.alreadyExists, "category_exists") { _ = try await rename("toys", "shoes") }
            await refusal(.notFound, "category_not_found") { _ = try await rename("garden", "games") }
            await refusal(.failedPrecondition, "category_in_use") { try await delete("toys") }
        }
    }

    @Test func aCategoryGoesOnlyWhenNoProductUsesIt() async throws {
        try await Shop.open { shop in
            let cup = try await shop.sell(price: 1, amount: 1)
            await refusal(.failedPrecondition, "category_in_use", mentions: "1 product is") {
                try await Self.delete("toys", shop)
            }
            let saga = try await shop.delete(cup)
            try await shop.awaitEnd(of: saga, .confirm)
            try await Self.delete("toys", shop)
            #expect(
                try await shop.peers.products.getCategories(.init()).categories == ["clothes", "electronics", "shoes"])
            // The deleted product stays for what refers to it, in no category.
            #expect(
                try await shop.number(
                    "SELECT count(*) FROM products WHERE category IS NULL AND state = 'deleted'", shop.productsDB) == 1)
            await refusal(.notFound, "category_not_found") { try await Self.delete("toys", shop) }
        }
    }
}
