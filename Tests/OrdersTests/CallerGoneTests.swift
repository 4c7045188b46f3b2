import Hosting
import Postgres
import ShopHarness
import ShopProtos
import SwiftProtobuf
import Synchronization
import TestSupport
import Testing

@testable import Events
@testable import Orders
@testable import Sagas

private final class Looks: Sendable {
    let count = Atomic(0)
}

/// Nothing is ordered for a caller who has gone, as long as that is safe.
@Suite(.serialized) struct CallerGoneTests {
    /// Whoever asks goes before the first look at whether they wait, or the second.
    @Test(arguments: [1, 2]) func nobodyWaitsSoNothingIsOrdered(look: Int) async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 10)
            try await shop.topUp(7, 1_000)
            let placer = OrderPlacer(
                store: OrderStore(database: shop.ordersDB), database: shop.ordersDB,
                transactor: Transactor(database: shop.ordersDB, outboxWake: Wake()),
                coordinator: SagaCoordinator(OrderPlacement.definition, handler: Nobody(), logger: testLogger),
                products: shop.peers.products,
                backlog: SagaBacklog(OrderPlacement.definition, database: shop.ordersDB, limit: 10),
                observers: Observers())
            let request = Orders_PlaceOrderRequest.with {
                $0.userID = 7
                $0.idempotencyKey = "k"
                $0.items = [
                    .with {
                        $0.productID = product
                        $0.quantity = 1
                    }
                ]
            }
            let looks = Looks()
            let gone = try await refusal {
                _ = try await shop.as(7) {
                    try await placer.place(Basket(request), by: 7) {
                        looks.count.add(1, ordering: .relaxed).newValue < look
                    }
                }
            }
            #expect(gone.reason == "caller_gone" && gone.message.contains("nothing was ordered"))
            for table in ["orders", "sagas", "outbox", "idempotency_keys"] {
                #expect(
                    try await shop.number("SELECT count(*) FROM \(unescaped: table)", shop.ordersDB) == 0, "\(table)")
            }
            #expect(try await shop.place(7, product, key: "k").replayed == false)
            try await shop.checkInvariants()
        }
    }
}
