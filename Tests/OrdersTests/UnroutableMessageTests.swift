import Events
import FoundationEssentials
import Hosting
import Postgres
import RabbitMQ
import Sagas
import ShopContracts
import ShopHarness
import ShopProtos
import SwiftProtobuf
import TestSupport
import Testing

/// A message that no queue takes waits until one does: a domain event in the outbox, a saga's message in memory.
@Suite struct UnroutableMessageTests {
    @Test func nothingIsLostForLackOfARoute() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(7, 100)
            let admin = RabbitMQAdmin(configuration: shop.broker, logger: testLogger)
            let (attempt, confirm) = (OrderPlacement.definition.type(.try), OrderPlacement.definition.type(.confirm))
            try await shop.eachRoute(of: [attempt, confirm, ProductEvent.deleted]) { queue, type in
                try await admin.unbind(queue: queue, exchange: Topology.eventsExchange, routingKey: type)
            }
            func comesBackUntilItsRouteIsThere(_ type: String, _ database: PostgresClient) async throws {
                if type == ProductEvent.deleted {
                    try await eventually("\(type) has come back") {
                        try await shop.number(
                            """
                            SELECT count(*) FROM outbox
                            WHERE type = \(type) AND published_at IS NULL AND attempts > 0 AND last_error <> ''
                            """, database) == 1
                    }
                } else {
                    // It was not taken, and so the saga's next attempt has come.
                    try await eventually("\(type) is due again") {
                        try await shop.number("SELECT count(*) FROM sagas WHERE resends > 0", database) == 1
                    }
                }
                try await shop.eachRoute(of: [type]) { queue, type in
                    try await admin.bind(queue: queue, exchange: Topology.eventsExchange, routingKey: type)
                }
            }
            let order = try await shop.place(7, product).order
            try await comesBackUntilItsRouteIsThere(attempt, shop.ordersDB)
            #expect(try await shop.outcome(7, order.id).state == "confirmed")
            try await comesBackUntilItsRouteIsThere(confirm, shop.ordersDB)
            try await shop.settle()
            #expect(try await shop.balance(900) == (100, 0))
            _ = try await shop.as(900) {
                try await shop.peers.products.deleteProduct(.with { $0.id = product })
            }
            try await comesBackUntilItsRouteIsThere(ProductEvent.deleted, shop.productsDB)
            try await shop.settle()
            try await eventually("the seller is told, once") {
                try await shop.number(
                    "SELECT count(*) FROM notifications WHERE user_id = 900 AND kind LIKE 'product_deleted%'",
                    shop.customersDB) == 1
            }
            await admin.close()
            try await shop.checkInvariants()
        }
    }
}

extension Shop {
    fileprivate func eachRoute(of types: [String], _ body: (_ queue: String, _ type: String) async throws -> Void)
        async throws
    {
        for service in Shop.topology.services {
            for type in types where service.bindings.contains(type) { try await body(service.inbox, type) }
        }
    }
}
