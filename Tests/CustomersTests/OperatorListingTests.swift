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

    @Test func aPartOfAStatementHasTheBalancesOfTheWhole() async throws {
        try await Shop.open { shop in
            // Another's entries lie between.
            for amount in 1...6 as ClosedRange<Int64> {
                try await shop.topUp(7, amount)
                try await shop.topUp(8, 1_000)
            }
            let times = try await shop.customersDB.query(
                """
                SELECT (extract(epoch FROM t.created_at) * 1000000)::bigint
                FROM accounts a
                JOIN ledger_entries e ON e.account_id = a.id
                JOIN ledger_transactions t ON t.id = e.transaction_id
                WHERE a.user_id = 7 AND a.kind = 'available' ORDER BY e.id
                """
            ).decode((Int64).self)
            try #require(times.count == 6)
            // From the third to the fifth.
            let (since, until) = ((times[1] + times[2]) / 2, (times[4] + times[5]) / 2)
            for (ascending, balances) in [(true, [6, 10, 15]), (false, [15, 10, 6])] as [(Bool, [Int64])] {
                for size in 1...4 as ClosedRange<Int64> {
                    var (told, cursor): ([Int64], String) = ([], "")
                    repeat {
                        let request = Cart_ListStatementRequest.with {
                            $0.userID = 7
                            $0.since = since
                            $0.until = until
                            $0.ascending = ascending
                            $0.pageSize = size
                            $0.cursor = cursor
                        }
                        let page = try await shop.as(1, .admin) {
                            try await shop.peers.customers.listStatement(request)
                        }
                        #expect(page.total == 3)
                        told += page.entries.map(\.balance)
                        cursor = page.nextCursor
                    } while !cursor.isEmpty
                    #expect(told == balances, "ascending \(ascending), \(size) a page")
                }
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
            let actions = try await shop.customersDB.query("SELECT action || ' / ' || reason FROM audit_trail").decode(
                (String).self)
            #expect(actions == ["balance.top_up / a voucher"])
        }
    }
}
