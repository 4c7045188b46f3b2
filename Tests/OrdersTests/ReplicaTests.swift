import Events
import RabbitMQ
import ShopHarness
import TestSupport
import Testing

/// The saga tests run on two replicas of every service, so that what is true of one process only does not pass.
@Suite struct ReplicaTests {
    @Test func everyServiceRunsTwice() async throws {
        try await Shop.open { shop in
            let admin = RabbitMQAdmin(configuration: shop.broker, logger: testLogger)
            for service in Shop.topology.services {
                try await eventually("two consume \(service.inbox)") {
                    try await admin.checkQueue(service.inbox).consumers == 2
                }
            }
            await admin.close()
            #expect(shop.replicas.count == 2)
        }
    }
}
