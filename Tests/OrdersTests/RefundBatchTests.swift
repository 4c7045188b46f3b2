import FoundationEssentials
import Postgres
import ShopContracts
import ShopHarness
import Testing

@testable import Customers
@testable import Events
@testable import Sagas

/// Cancellations that are tried in one batch share the sellers' money.
@Suite struct RefundBatchTests {
    @Test func whatOneTakesIsNotThereForTheNext() async throws {
        try await Shop.open { shop in
            try await shop.topUp(900, 150)
            try await shop.topUp(901, 500)
            // The second order's money had come.
            try await shop.customersDB.query(
                "INSERT INTO ledger_transactions (kind, saga_id, order_id) VALUES ('capture', gen_random_uuid(), 2)")
            // The second finds too little at one of its two sellers, and takes nothing from the other either.
            let branches = [[900, 901], [900, 901], [901]].enumerated().map { order, sellers in
                SagaBranch(
                    sagaID: UUID(),
                    payload: OrderCancellation.Payload(
                        orderID: Int64(order + 1), buyerID: 7, currency: "RUB", total: Int64(sellers.count) * 100,
                        lines: sellers.map {
                            .init(productID: Int64($0), sellerID: Int64($0), quantity: 1, unitPrice: 100)
                        }))
            }
            let participant = OrderCancellationParticipant(ledger: Ledger(database: shop.customersDB))
            let transactor = Transactor(database: shop.customersDB, outboxWake: Wake())
            let votes = try await transactor.run { work in
                var locked = try await participant.lock(trying: branches, settling: [], in: work)
                return try await participant.tryAll(branches, locked: &locked, in: work)
            }
            #expect(votes.map { $0 == .accepted } == [true, false, true])
            guard case .refused(let refusal) = votes[1] else { return }
            #expect(refusal.code == "seller_funds_missing")
            #expect(try await shop.balance(900) == (50, 100))
            #expect(try await shop.balance(901) == (300, 200))
            // One is decided for, the other against.
            try await transactor.run { work in
                var locked = try await participant.lock(trying: [], settling: branches, in: work)
                try await participant.confirmAll([branches[0]], locked: &locked, in: work)
                try await participant.cancelAll([branches[2]], locked: &locked, in: work)
            }
            #expect(try await shop.balance(7) == (200, 0))
            #expect(try await shop.balance(900) == (50, 0))
            #expect(try await shop.balance(901) == (400, 0))
        }
    }
}
