import ArgumentParser
import Events
import Hosting
import Logging
import RabbitMQ

/// `shopctl queue`
struct QueueCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue",
        abstract: "Look at the broker's queues, and see to dead letters.",
        discussion: """
            Each service consumes an inbox. A message that fails is tried again by way of retry queues; one that can \
            never succeed, or has failed too often, becomes a dead letter and waits for an operator.

            EXAMPLES:
              shopctl queue list
              shopctl queue check
              shopctl queue peek products
              shopctl queue replay products --canary 1
              shopctl queue export products.dead.v2 > letters.jsonl
            """,
        subcommands: [
            QueueList.self, QueueCheck.self, QueuePeek.self, QueueReplay.self, QueueDrop.self, QueueExport.self,
            QueueImport.self, QueuePurge.self,
        ])

    /// The management interface's word; and the reason why there is none though it is set.
    static func view(
        _ configuration: ShopConfiguration, _ broker: RabbitMQConfiguration
    ) async throws -> (snapshot: BrokerSnapshot?, failure: ManagementError?) {
        do {
            return (try await configuration.management(virtualHost: broker.virtualHost)?.snapshot(), nil)
        } catch let error as ManagementError where error.status != .badConfiguration {
            return (nil, error)
        }
    }

    /// All queues of the shop, with the management interface's word, and the reason why there is none though it is set.
    ///
    /// - Throws: ``CommandFailure`` where the broker does not answer: it names its address, and what the interface says.
    static func overview(
        _ configuration: ShopConfiguration, _ broker: RabbitMQConfiguration
    ) async throws -> (overview: QueueOverview, snapshot: BrokerSnapshot?, failure: ManagementError?) {
        let (snapshot, failure) = try await view(configuration, broker)
        do {
            let overview = try await withAdmin(broker) { admin in
                try await QueueOverview(Topology.shop.services, admin, snapshot)
            }
            return (overview, snapshot, failure)
        } catch let error as RabbitMQError {
            let diagnosis = Diagnosis(error)
            throw CommandFailure(
                diagnosis.status, diagnosis.message, code: diagnosis.code, object: broker.place,
                causes: diagnosis.causes + [failure?.description].compactMap(\.self))
        }
    }

    /// Lends a connection to the broker for an operator's needs.
    static func withAdmin<Result: Sendable>(
        _ broker: RabbitMQConfiguration, _ body: (RabbitMQAdmin) async throws -> Result
    ) async throws -> Result {
        let admin = RabbitMQAdmin(configuration: broker, logger: .command("queue"))
        do {
            let result = try await body(admin)
            await admin.close()
            return result
        } catch {
            await admin.close()
            throw error
        }
    }
}
