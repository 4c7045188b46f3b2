import Events
import RabbitMQ

/// Throws dead letters away, each after its line in the audit trail.
struct DeadLetterDrop: Sendable {
    let topology: ServiceTopology
    let broker: RabbitMQConfiguration
    let wanted: LetterSelection
    let isDryRun: Bool

    /// The letters that were dropped, or would be, and what ended it before its end.
    struct Outcome {
        var letters: [Delivery] = []
        var failure: (any Error)?
    }

    /// - Parameter audit: The trail of the service.
    /// - Throws: What happens before anything is dropped.
    func run(_ audit: DeedTrail) async throws -> Outcome {
        let admin = RabbitMQAdmin(configuration: broker, logger: .command("drop"))
        let publisher = RabbitMQPublisher(configuration: broker, logger: .command("drop"))
        let result: Result<Outcome, any Error>
        do {
            result = .success(try await walk(audit, admin, publisher))
        } catch let error as RabbitMQError where error.kind == .notFound {
            result = .failure(CommandFailure.missingQueues([topology.dead]))
        } catch {
            result = .failure(error)
        }
        await publisher.close()
        await admin.close()
        return try result.get()
    }

    /// Sees each letter that was there at the start; what stays is put to the end, as every look does.
    private func walk(
        _ audit: DeedTrail, _ admin: RabbitMQAdmin, _ publisher: RabbitMQPublisher
    ) async throws -> Outcome {
        let total = try await admin.checkQueue(topology.dead).messages
        return try await admin.withSession { session in
            var outcome = Outcome()
            do {
                for _ in 0..<total {
                    guard let letter = try await session.get(topology.dead) else { break }
                    let isDropped = wanted.contains(letter)
                    if isDropped, !isDryRun {
                        try await audit.note("queue.drop \(letter.properties.messageID ?? "(no message id)")")
                    } else {
                        try await keep(letter, publisher)
                    }
                    try await session.ack(letter.deliveryTag)
                    if isDropped { outcome.letters.append(letter) }
                }
            } catch  where !outcome.letters.isEmpty && !isDryRun {
                outcome.failure = error
            }
            return outcome
        }
    }

    private func keep(_ letter: Delivery, _ publisher: RabbitMQPublisher) async throws {
        let outcomes = try await publisher.publish([DeadLetter.copy(letter, to: topology.dead)])
        guard case .confirmed? = outcomes.first else {
            throw CommandFailure(.unreachable, "the broker did not take a message for \(topology.dead)")
        }
    }
}
