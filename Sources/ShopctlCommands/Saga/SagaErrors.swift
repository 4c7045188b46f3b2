import Events
import FoundationEssentials
import Hosting
import RabbitMQ
import Sagas

/// The reason why messages of sagas have failed last: of those that are tried again or dead, as the broker's queues
/// tell, and of those that were handled late, as the services' rows do.
struct SagaErrors: Sendable {
    /// The last failure of a saga's messages.
    struct Failure: Sendable, Equatable {
        var text: String
        /// Nil for one that does not tell.
        var at: Date?
        /// The service that failed.
        var service: String
        /// The last word of the message's type: `try`, `confirm`, …; nil if it has none.
        var message: String?
    }

    /// By saga.
    private(set) var failures: [UUID: Failure] = [:]
    /// The reason why not everything could be asked; nil if it could.
    var unasked: String?

    var texts: [UUID: String] { failures.mapValues(\.text) }

    /// Takes in a failure, unless a later one is known.
    mutating func add(_ failure: Failure, of saga: UUID) {
        guard let known = failures[saga]?.at, known > failure.at ?? .distantPast else {
            failures[saga] = failure
            return
        }
    }
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
                        guard let id = message.sagaID, let error = message.lastError else { continue }
                        found.add(
                            .init(
                                text: error, at: message.failedAt, service: topology.service,
                                message: Self.word(message.delivery.properties.type)), of: id)
                    }
                }
                guard status.dead > 0 else { continue }
                let letters = try await DeadLetterQueue(
                    topology: topology, broker: broker, logger: .command("saga")
                ).look(limit: Self.errorLimit).letters
                for letter in letters.map(DeadLetter.init) {
                    let failure = SagaErrors.Failure(
                        text: "\(letter.errorClass): \(letter.reason)", at: letter.diedAt, service: topology.service,
                        message: Self.word(letter.messageType))
                    for id in letter.sagaIDs { found.add(failure, of: id) }
                }
            }
        } catch {
            found.unasked = (error as? RabbitMQError)?.text ?? "\(error)"
        }
        await admin.close()
        return found
    }

    private static func word(_ type: String?) -> String? { type?.split(separator: ".").last.map(String.init) }
}
