import FoundationEssentials
import Hosting
import Postgres
import ShopContracts
import ShopHarness
import ShopProtos
import SwiftProtobuf
import TestSupport
import Testing

@testable import Customers
@testable import Sagas

@Suite(.serialized) struct StatementTests {
    @Test func theStatementTellsWhatMovedTheBalance() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 300, amount: 1)
            try await shop.topUp(7, 1_000)
            let bought = try await shop.buy(7, product)
            try await shop.settle()
            // Refused when the money is held: a cancellation that comes before the hold leaves no trace of it.
            let refused = try await shop.productsDB.transaction { blocking in
                try await blocking.query("SELECT FROM products FOR UPDATE")
                let order = try await shop.place(7, product).order
                try await eventually("the money is held") { try await shop.balance(7) == (400, 300) }
                return order
            }
            #expect(try await shop.outcome(7, refused.id).state == "rejected")
            try await shop.settle()
            try await eventually("the hold is released") { try await shop.balance(7) == (700, 0) }
            let entries = try await shop.statement(7).entries
            #expect(entries.map(\.kind) == ["release", "hold", "hold", "top_up"])
            #expect(entries.map(\.amount) == [300, -300, -300, 1_000])
            #expect(entries.map(\.balance) == [700, 400, 700, 1_000])
            #expect(entries.map(\.orderID) == [refused.id, refused.id, bought.id, 0])
            #expect(entries.allSatisfy { $0.createdAt.hasSuffix("Z") })
            let sellers = try await shop.statement(900)
            #expect(sellers.entries.map(\.kind) == ["sale"])
            #expect(sellers.entries.map(\.balance) == [300])
            #expect(sellers.currency == "RUB")
        }
    }

    @Test func pagesJoinWithoutAGapWhateverComesMeanwhile() async throws {
        try await Shop.open { shop in
            for amount in 1...7 as ClosedRange<Int64> { try await shop.topUp(7, amount) }
            var cursor = ""
            var balances: [Int64] = []
            repeat {
                let page = try await shop.statement(7, pageSize: 3, cursor: cursor)
                balances += page.entries.map(\.balance)
                cursor = page.nextCursor
                try await shop.topUp(7, 100)
            } while !cursor.isEmpty
            #expect(balances == [28, 21, 15, 10, 6, 3, 1])
            #expect(
                try await refusal { _ = try await shop.statement(7, pageSize: 201) }
                    == "invalid_argument invalid_page_size")
            #expect(
                try await refusal { _ = try await shop.statement(7, cursor: "abc") }
                    == "invalid_argument invalid_cursor")
        }
    }

    @Test func kindsAreNamedForTheirOwner() {
        #expect(StatementStore.kind("refund", amount: 5) == "refund")
        #expect(StatementStore.kind("refund", amount: -5) == "refunded")
        #expect(StatementStore.kind("refund_hold", amount: -5) == "refund_hold")
        #expect(StatementStore.kind("refund_release", amount: 5) == "refund_release")
    }

    @Test func openHoldsAreShownByOrder() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 9)
            try await shop.topUp(7, 1_500)
            // Orders that nobody decides, since their coordinator knows nothing of them.
            var sagas: [UUID] = []
            for order in [501, 502, 503] as [Int64] {
                let payload = OrderPlacement.Payload(
                    orderID: order, buyerID: 7, currency: "RUB", total: order,
                    lines: [.init(productID: product, sellerID: 900, quantity: 1, unitPrice: order)])
                let saga = UUID()
                sagas.append(saga)
                try await shop.hear(
                    try Shop.message(OrderPlacement.definition.type(.try), TryBody(payload: payload), saga: saga))
            }
            // The third cannot be paid, and holds nothing.
            var holds = try await shop.holds(7)
            #expect(holds.map(\.orderID) == [502, 501])
            #expect(holds.map(\.amount) == [502, 501])
            #expect(try await shop.balance(7) == (497, 1_003))
            try await shop.hear(
                try Shop.message(
                    OrderPlacement.definition.type(.cancel), DecisionBody(refusal: .deadlineExceeded), saga: sagas[0]))
            holds = try await shop.holds(7)
            #expect(holds.map(\.orderID) == [502])
            #expect(try await shop.balance(7) == (998, 502))
        }
    }
}

extension Shop {
    fileprivate func statement(
        _ user: Int64, pageSize: Int64 = 0, cursor: String = ""
    ) async throws -> Cart_GetStatementResponse {
        try await self.as(user) {
            try await peers.customers.getStatement(
                .with {
                    $0.userID = user
                    $0.pageSize = pageSize
                    $0.cursor = cursor
                })
        }
    }

    fileprivate func holds(_ user: Int64) async throws -> [Cart_Hold] {
        try await self.as(user) { try await peers.customers.getHolds(.with { $0.userID = user }).holds }
    }
}
