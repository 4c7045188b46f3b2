import Events
import Hosting
import Postgres
import RabbitMQ

/// Throws dead letters away, each after its line in the audit trail.
struct DeadLetterDrop: Sendable {
    let topology: ServiceTopology
    let broker: RabbitMQConfiguration
    let wanted: LetterSelection
    let reason: String
    let isDryRun: Bool

    /// The letters that were dropped, or would be, and what ended it before its end.
    struct Outcome {
        var letters: [Delivery] = []
        var failure: (any Error)?
    }

    /// - Parameter database: That of the service, for its audit trail.
    /// - Throws: What happens before anything is dropped.
    func run(_ database: PostgresConfiguration) async throws -> Outcome {
        let client = PostgresClient(configuration: database, logger: .command("drop"))
        let admin = RabbitMQAdmin(configuration: broker, logger: .command("drop"))
        let publisher = RabbitMQPublisher(configuration: broker, logger: .command("drop"))
        let result: Result<Outcome, any Error>
        do {
            // In a dry run too.
            try await AuditTrail.checkWritable(of: topology.service, in: client)
            result = .success(try await walk(client, admin, publisher))
        } catch let error as RabbitMQError where error.kind == .notFound {
            result = .failure(CommandFailure.missingQueues([topology.dead]))
        } catch {
            result = .failure(error)
        }
        await publisher.close()
        await admin.close()
        await client.close()
        return try result.get()
    }

    /// Sees each letter that was there at the start; what stays is put to the end, as every look does.
    private func walk(
        _ client: PostgresClient, _ admin: RabbitMQAdmin, _ publisher: RabbitMQPublisher
    ) async throws -> Outcome {
        let total = try await admin.checkQueue(topology.dead).messages
        return try await admin.withSession { session in
            var outcome = Outcome()
            do {
                for _ in 0..<total {
                    guard let letter = try await session.get(topology.dead) else { break }
                    let isDropped = wanted.contains(letter)
                    if isDropped, !isDryRun {
                        try await note(letter, client)
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

    private func note(_ letter: Delivery, _ client: PostgresClient) async throws {
        let id = letter.properties.messageID ?? "(no message id)"
        // A letter belongs to no user, and has no number.
        try await client.transaction { transaction in
            try await AuditTrail.noteOperator(
                "queue.drop \(id)", because: reason, userID: 0, subjectID: 0, in: transaction)
        }
    }
}
