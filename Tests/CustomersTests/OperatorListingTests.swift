import Hosting
import Postgres
import ShopHarness
import ShopProtos
import SwiftProtobuf
import Testing

@Suite(.serialized) struct OperatorListingTests {
    @Test func aStatementIsReadInBothOrdersWithItsBalancesAndItsNumber() async throws {
        try await Shop.open { shop in
            for amount in 1...5 as ClosedRange<Int64> { try await shop.topUp(7, amount) }
            func page(_ change: (inout Cart_ListStatementRequest) -> Void) async throws -> Cart_ListStatementResponse {
                var request = Cart_ListStatementRequest()
                request.userID = 7
                change(&request)
                return try await shop.as(1, .admin) { try await shop.peers.customers.listStatement(request) }
            }
            for (ascending, balances) in [(true, [1, 3, 6, 10, 15]), (false, [15, 10, 6, 3, 1])] as [(Bool, [Int64])] {
                var (told, cursor): ([Int64], String) = ([], "")
                repeat {
                    let page = try await page {
                        $0.ascending = ascending
                        $0.pageSize = 2
                        $0.cursor = cursor
                    }
                    #expect(page.total == 5 && page.currency == "RUB")
                    told += page.entries.map(\.balance)
                    cursor = page.nextCursor
                } while !cursor.isEmpty
                #expect(told == balances)
            }
            #expect(try await page { $0.until = 1 }.total == 0)
            #expect(try await page { $0.since = 1 }.entries.map(\.balance) == [15, 10, 6, 3, 1])
            await #expect(throws: (any Error).self) {
                _ = try await shop.as(8) { try await shop.peers.customers.listStatement(.with { $0.userID = 7 }) }
            }
        }
    }

    @Test func aRehearsedTopUpBooksNothingAndTheReasonIsKept() async throws {
        try await Shop.open { shop in
            let request = Cart_TopUpRequest.with {
                $0.userID = 7
                $0.amount = 500
                $0.idempotencyKey = "k"
                $0.reason = "a voucher"
            }
            let imagined = try await shop.as(1, .admin) { try await shop.peers.customers.checkTopUp(request) }
            #expect(imagined.balance == 500 && !imagined.replayed)
            #expect(try await shop.balance(7).available == 0)
            let booked = try await shop.as(1, .admin) { try await shop.peers.customers.topUp(request) }
            #expect(booked.balance == 500 && !booked.replayed)
            let again = try await shop.as(1, .admin) { try await shop.peers.customers.checkTopUp(request) }
            #expect(again.replayed)
            let actions = try await shop.customersDB.query("SELECT action FROM audit_trail").decode((String).self)
            #expect(actions == ["balance.top_up: a voucher"])
        }
    }
}
