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

    /// - Parameter database: That of the service, for its audit trail.
    /// - Returns: What was dropped, or would be.
    func run(_ database: PostgresConfiguration) async throws -> [Delivery] {
        let client = PostgresClient(configuration: database, logger: .command("drop"))
        let admin = RabbitMQAdmin(configuration: broker, logger: .command("drop"))
        let publisher = RabbitMQPublisher(configuration: broker, logger: .command("drop"))
        let result: Result<[Delivery], any Error>
        do {
            // The same checks in a dry run: a trail that cannot be written keeps everything.
            _ = try await client.query("SELECT 1 FROM audit_trail LIMIT 1")
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
    ) async throws -> [Delivery] {
        let total = try await admin.checkQueue(topology.dead).messages
        return try await admin.withSession { session in
            var dropped: [Delivery] = []
            for _ in 0..<total {
                guard let letter = try await session.get(topology.dead) else { break }
                let isDropped = wanted.contains(letter)
                if isDropped { dropped.append(letter) }
                if isDropped, !isDryRun {
                    try await note(letter, client)
                } else {
                    let outcomes = try await publisher.publish([DeadLetter.copy(letter, to: topology.dead)])
                    guard case .confirmed? = outcomes.first else {
                        throw CommandFailure(.unreachable, "the broker did not take a message for \(topology.dead)")
                    }
                }
                try await session.ack(letter.deliveryTag)
            }
            return dropped
        }
    }

    private func note(_ letter: Delivery, _ client: PostgresClient) async throws {
        let id = letter.properties.messageID ?? "(no message id)"
        // A letter belongs to no user, and has no number.
        try await client.transaction { transaction in
            try await AuditTrail.noteOperator(
                "queue.drop \(id): \(reason)", userID: 0, subjectID: 0, in: transaction)
        }
    }
}
