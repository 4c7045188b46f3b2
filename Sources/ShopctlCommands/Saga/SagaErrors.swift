import Events
import FoundationEssentials
import Hosting
import RabbitMQ
import Sagas

/// The reason why messages of sagas have failed last, as the broker's queues tell.
struct SagaErrors: Sendable {
    /// By saga.
    var texts: [UUID: String] = [:]
    /// The reason why not everything could be asked; nil if it could.
    var unasked: String?
}

extension SagaSources {
    /// The most messages of one queue that are looked at.
    private static let errorLimit = 1000

    /// Looks through the messages that are tried again, and those that were given up on.
    func errors() async -> SagaErrors {
        let broker: RabbitMQConfiguration
        do {
            broker = try configuration.broker(name: "shopctl-saga")
        } catch {
            return SagaErrors(unasked: "\(error)")
        }
        let admin = RabbitMQAdmin(configuration: broker, logger: .command("saga"))
        var found = SagaErrors()
        do {
            for topology in Topology.shop.services {
                let status = try await QueueOverview.look(at: topology, admin)
                if status.retrying > 0 {
                    let messages = try await RetriedMessage.look(at: topology, by: admin, limit: Self.errorLimit)
                    for message in messages {
                        if let id = message.sagaID, let error = message.lastError { found.texts[id] = error }
                    }
                }
                guard status.dead > 0 else { continue }
                let letters = try await DeadLetterQueue(
                    topology: topology, broker: broker, logger: .command("saga")
                ).look(limit: Self.errorLimit).letters
                for letter in letters.map(DeadLetter.init) {
                    for id in letter.sagaIDs { found.texts[id] = "\(letter.errorClass): \(letter.reason)" }
                }
            }
        } catch {
            found.unasked = (error as? RabbitMQError)?.text ?? "\(error)"
        }
        await admin.close()
        return found
    }
}
