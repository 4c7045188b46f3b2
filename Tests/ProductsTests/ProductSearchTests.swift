import Hosting
import Postgres
import ShopHarness
import ShopProtos
import SwiftProtobuf
import Testing

@testable import Products

@Suite struct ProductSearchTests {
    typealias Request = Products_SearchProductsRequest

    /// Anybody may send some megabytes of text, before its length is looked at. Where a flag begins is told by how many
    /// letters of flags are before it.
    @Test(.timeLimit(.minutes(1))) func whiteSpaceAroundFlagsIsLeftOutInTimeThatGrowsWithTheirNumber() {
        let flags = String(repeating: "\u{1F1E6}", count: 120_001)
        #expect(" \r\n\t\(flags)\u{A0} ".trimmed.utf8.count == flags.utf8.count)
        #expect(" a b ".trimmed == "a b" && " \n".trimmed.isEmpty && "".trimmed.isEmpty)
    }

    @Test func wordsAreFoundInNameAndDescriptionTheBestFirst() async throws {
        try await Shop.open { shop in
            let other = try await shop.sell(price: 1, amount: 1, name: "Iron kettle")
            let described = try await shop.sell(price: 1, amount: 1, name: "Cosy")
            try await shop.update(described) { $0.description_p = "Keeps a blue teapot warm" }
            let named = try await shop.sell(price: 1, amount: 1, name: "Blue teapot")
            #expect(try await shop.ids { $0.text = "TEAPOT" } == [named, described])
            #expect(try await shop.ids { $0.text = "blue teapot" } == [named, described])
            #expect(try await shop.ids { $0.text = "teapot -blue" } == [])
            #expect(try await shop.ids { $0.text = "\"teapot warm\"" } == [described])
            #expect(try await shop.ids { $0.text = "kettle or cosy" } == [described, other])
            #expect(try await shop.ids { $0.text = "kett" } == [])
            // Whatever people type is no error.
            for text in ["'", "\"", "& | !", "a:b*", "\\", "-", "🫖"] {
                #expect(try await shop.ids { $0.text = text } == [], "\(text)")
            }
            // A changed text is found as it is now.
            try await shop.update(named) { $0.name = "Red pot" }
            #expect(try await shop.ids { $0.text = "teapot" } == [described])
            #expect(try await shop.ids { $0.text = "  " } == [named, described, other])
        }
    }

    @Test func filters() async throws {
        try await Shop.open { shop in
            let toy = try await shop.sell(price: 100, amount: 1, seller: 7, name: "Ball")
            let shoe = try await shop.sell(price: 200, amount: 1, seller: 8, name: "Boot", category: "shoes")
            let soldOut = try await shop.sell(price: 300, amount: 1, seller: 7, name: "Doll")
            try await shop.update(soldOut, as: 7) { $0.amount = 0 }
            #expect(try await shop.ids { $0.category = "toys" } == [soldOut, toy])
            #expect(try await shop.ids { $0.sellerID = 8 } == [shoe])
            #expect(try await shop.ids { $0.inStock = true } == [shoe, toy])
            #expect(try await shop.ids { $0.minPrice = 200 } == [soldOut, shoe])
            #expect(try await shop.ids { $0.maxPrice = 200 } == [shoe, toy])
            #expect(
                try await shop.ids {
                    $0.minPrice = 100
                    $0.maxPrice = 100
                } == [toy])
            #expect(try await shop.ids { $0.maxPrice = 0 } == [])
            #expect(
                try await shop.ids {
                    $0.text = "doll or ball"
                    $0.category = "toys"
                    $0.sellerID = 7
                    $0.inStock = true
                    $0.minPrice = 1
                    $0.maxPrice = 1_000
                } == [toy])
        }
    }

    @Test func sorts() async throws {
        try await Shop.open { shop in
            let b = try await shop.sell(price: 300, amount: 1, name: "b")
            let a = try await shop.sell(price: 100, amount: 1, name: "A")
            let c = try await shop.sell(price: 200, amount: 1, name: "C")
            #expect(try await shop.ids { _ in } == [c, a, b])
            #expect(try await shop.ids { $0.sort = .newest } == [c, a, b])
            #expect(try await shop.ids { $0.sort = .priceAscending } == [a, c, b])
            #expect(try await shop.ids { $0.sort = .priceDescending } == [b, c, a])
            #expect(try await shop.ids { $0.sort = .name } == [a, b, c])
        }
    }

    @Test(arguments: [
        Request.Sort.default, .newest, .priceAscending, .priceDescending, .name,
    ])
    func pagesShowEverythingOnceHoweverEqual(_ sort: Request.Sort) async throws {
        try await Shop.open { shop in
            // Few prices and names, so that only the id tells many apart.
            try await shop.productsDB.query(
                """
                INSERT INTO products (seller_id, name, description, category, price, currency, amount)
                SELECT 900, 'Pot ' || n % 3, CASE WHEN n % 2 = 0 THEN 'a pot of pots, pot' ELSE '' END, 'toys',
                    1 + n % 4, 'RUB', 1
                FROM generate_series(1, 47) AS n
                """)
            func ask(_ request: inout Request) {
                request.sort = sort
                // By rank, in the default order.
                request.text = "pot"
            }
            let all = try await shop.ids {
                ask(&$0)
                $0.pageSize = 200
            }
            #expect(all.count == 47 && Set(all).count == 47)
            for size in [1, 7, 46, 47] as [Int64] {
                var seen: [Int64] = []
                var cursor = ""
                repeat {
                    let page = try await shop.peers.products.searchProducts(
                        .with {
                            ask(&$0)
                            $0.pageSize = size
                            $0.cursor = cursor
                        })
                    #expect(page.products.count <= size)
                    seen += page.products.map(\.id)
                    cursor = page.nextCursor
                } while !cursor.isEmpty
                #expect(seen == all, "pages of \(size)")
            }
        }
    }

    @Test func whatIsPostedOrDeletedMeanwhileShiftsNothing() async throws {
        try await Shop.open { shop in
            var ids: [Int64] = []
            for _ in 0..<5 { ids.insert(try await shop.sell(price: 1, amount: 1), at: 0) }
            let first = try await shop.peers.products.searchProducts(.with { $0.pageSize = 2 })
            #expect(first.products.map(\.id) == Array(ids[0..<2]))
            _ = try await shop.sell(price: 1, amount: 1)
            try await shop.delete(ids[1])
            let second = try await shop.ids {
                $0.pageSize = 2
                $0.cursor = first.nextCursor
            }
            #expect(second == Array(ids[2..<4]))
        }
    }

    @Test func whatIsWrongIsNamed() async throws {
        try await Shop.open { shop in
            func refused(_ reason: String, _ text: String, _ change: (inout Request) -> Void) async {
                await refusal(.invalidArgument, reason, mentions: text) { _ = try await shop.ids(change) }
            }
            await refused("category_not_found", "tools") { $0.category = "tools" }
            await refused("invalid_category", "category") { $0.category = "a\u{0}" }
            await refused("invalid_price_range", "min_price (2)") {
                $0.minPrice = 2
                $0.maxPrice = 1
            }
            await refused("invalid_price_range", "negative") { $0.minPrice = -1 }
            await refused("invalid_seller_id", "seller_id") { $0.sellerID = -1 }
            await refused("invalid_text", "200") { $0.text = String(repeating: "a", count: 201) }
            await refused("invalid_text", "NUL") { $0.text = "a\u{0}b" }
            await refused("invalid_sort", "99") { $0.sort = .UNRECOGNIZED(99) }
            await refused("invalid_page_size", "page_size") { $0.pageSize = 201 }
            await refused("invalid_cursor", "cursor") { $0.cursor = "bm9uc2Vuc2U" }
            // The cursor of another order, or of other words by rank, means nothing.
            for _ in 0..<2 { _ = try await shop.sell(price: 1, amount: 1) }
            let cursor = try await shop.peers.products.searchProducts(
                .with {
                    $0.text = "teapot"
                    $0.pageSize = 1
                }
            ).nextCursor
            #expect(!cursor.isEmpty)
            await refused("invalid_cursor", "same listing") {
                $0.text = "pot"
                $0.cursor = cursor
            }
            await refused("invalid_cursor", "same listing") {
                $0.sort = .name
                $0.text = "teapot"
                $0.cursor = cursor
            }
        }
    }
}

extension Shop {
    /// What a search finds.
    fileprivate func ids(_ change: (inout Products_SearchProductsRequest) -> Void) async throws -> [Int64] {
        var request = Products_SearchProductsRequest()
        change(&request)
        return try await peers.products.searchProducts(request).products.map(\.id)
    }
}
