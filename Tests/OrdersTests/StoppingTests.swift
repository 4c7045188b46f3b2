import FoundationEssentials
import RabbitMQ
import Sagas
import ShopContracts
import ShopHarness
import TestSupport
import Testing

@testable import Events

/// A shop can be stopped while its databases are away.
@Suite struct StoppingTests {
    /// Fails with the host's `ShutdownTimeout` if a consumer holds on to its batch.
    @Test func aBatchThatWaitsForADatabaseIsLeftToTheBroker() async throws {
        try await Shop.openThroughProxy { shop, proxy in
            proxy.close()
            try await shop.publish(OrderPlacement.definition.type(.cancel), UUID(), ["schema_version": 1])
            let admin = RabbitMQAdmin(configuration: shop.broker, logger: testLogger)
            for service in ["products", "customers"] {
                try await eventually("\(service) has taken it") {
                    try await admin.checkQueue("\(service).inbox.v2").messages == 0
                }
            }
            await admin.close()
        }
    }
}
