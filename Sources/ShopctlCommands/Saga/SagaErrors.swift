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
    /// Whether that is since the broker does not answer, and not since none is set.
    var isBrokerAway = false
    /// The reasons of those services that could write none.
    var troubles = ServiceTroubles()

    var texts: [UUID: String] { failures.mapValues(\.text) }

    /// The last failure of a saga's messages; without one the reason why whoever it waits for cannot answer. Nil if none is
    /// known.
    func failure(of saga: SagaRecord) -> Failure? {
        guard saga.hasTellingErrors else { return nil }
        return failures[saga.id] ?? troubles.failure(of: saga)
    }

    /// The answers that a saga waits for, and why they do not come, in words; nil if it waits for none.
    func hold(of saga: SagaRecord) -> String? {
        guard !saga.waitsFor.isEmpty else { return nil }
        return saga.awaited + (failure(of: saga).map { "; \($0.text)" } ?? "")
    }

    /// Takes in messages of a service that failed and wait to be tried again.
    mutating func add(_ messages: [RetriedMessage], of service: String) {
        for message in messages {
            guard let id = message.sagaID, let error = message.lastError else { continue }
            add(
                .init(
                    text: error, at: message.failedAt, service: service,
                    message: Self.word(message.delivery.properties.type)), of: id)
        }
    }

    /// The last word of a message's type.
    fileprivate static func word(_ type: String?) -> String? { type?.split(separator: ".").last.map(String.init) }

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

    /// Looks through the messages that are tried again, and those that were given up on; of services that cannot work, at
    /// their checks.
    func errors() async -> SagaErrors {
        async let troubles = self.troubles()
        var found = await failures()
        found.troubles = await troubles
        return found
    }

    private func failures() async -> SagaErrors {
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
                    found.add(messages, of: topology.service)
                }
                guard status.dead > 0 else { continue }
                let letters = try await DeadLetterQueue(
                    topology: topology, broker: broker, logger: .command("saga")
                ).look(limit: Self.errorLimit).letters
                for letter in letters.map(DeadLetter.init) {
                    let failure = SagaErrors.Failure(
                        text: "\(letter.errorClass): \(letter.reason)", at: letter.diedAt, service: topology.service,
                        message: SagaErrors.word(letter.messageType))
                    for id in letter.sagaIDs { found.add(failure, of: id) }
                }
            }
        } catch {
            found.unasked = (error as? RabbitMQError)?.text ?? "\(error)"
            found.isBrokerAway = true
        }
        await admin.close()
        return found
    }
}
