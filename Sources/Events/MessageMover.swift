import FoundationEssentials
import Logging
import Metrics
import Postgres
import RabbitMQ

/// Moves messages that were not handled: to a retry queue, or to the dead letters. The broker has confirmed them there
/// before the originals are acknowledged.
struct MessageMover: Sendable {
    let topology: ServiceTopology
    let publisher: RabbitMQPublisher
    let retryPolicy: RetryPolicy
    let logger: Logger

    /// The message as it moves after it has failed on its own: one attempt is charged to it, unless the server lacked
    /// something. Then all messages may fail so, one by one, and would be dead letters in the end.
    func move(_ message: ReceivedMessage, after error: any Error) -> RabbitMQMessage {
        var envelope = message.envelope
        if FailureKind.isServersTrouble(error) {
            logger.warning(
                "a message waits for a server that lacks something",
                metadata: [
                    "message_id": "\(WireFormat.text(envelope.messageID))", "type": "\(envelope.type)",
                    "error": "\(error)",
                ])
            envelope.lastError = Self.text(of: error)
            return park(ReceivedMessage(envelope: envelope, delivery: message.delivery))
        }
        if case .permanent(let rejection) = FailureKind(error) { return bury(message, rejection) }
        let failures = envelope.attempt + 1
        guard let delay = retryPolicy.delay(afterFailures: failures) else {
            let last = error as? MessageRejection
            return bury(
                message,
                MessageRejection(
                    last?.errorClass ?? .exhausted, "failed \(failures) times; at last: \(last?.reason ?? "\(error)")"))
        }
        logger.warning(
            "a message is retried later",
            metadata: [
                "message_id": "\(WireFormat.text(envelope.messageID))", "type": "\(envelope.type)",
                "attempt": "\(failures)",
                "delay": "\(delay.rawValue)", "error": "\(error)",
            ])
        Counter(label: "shop_messages_retried", dimensions: [("service", topology.service)]).increment()
        message.delivery.note(.retried)
        var retried = envelope
        retried.attempt = failures
        retried.lastError = Self.text(of: error)
        retried.failures = envelope.failures ?? FailureHistory()
        retried.failures?.fail(at: Date())
        return noting(
            message.delivery.delivery,
            WireFormat.message(retried, exchange: Topology.retryExchange, routingKey: topology.retryKey(delay)))
    }

    /// The message as it waits for its turn to be tried: nothing is charged to it.
    func park(_ message: ReceivedMessage) -> RabbitMQMessage {
        message.delivery.note(.retried)
        Counter(label: "shop_messages_parked", dimensions: [("service", topology.service)]).increment()
        return noting(
            message.delivery.delivery,
            WireFormat.message(
                message.envelope, exchange: Topology.retryExchange, routingKey: topology.retryKey(.fiveSeconds)))
    }

    /// The message with the routing key that its sender gave the delivery.
    private func noting(_ delivery: Delivery, _ message: RabbitMQMessage) -> RabbitMQMessage {
        var message = message
        message.properties.headers[WireFormat.Header.routingKey] = delivery.arrivalRoutingKey.map(HeaderValue.string)
        return message
    }

    /// The message as it goes to the dead letters.
    func bury(_ message: ReceivedMessage, _ rejection: MessageRejection) -> RabbitMQMessage {
        message.delivery.note(.died)
        return noting(message.delivery.delivery, bury(message.properties, message.envelope.body, rejection))
    }

    /// A delivery that cannot be read, as it moves.
    func move(_ delivery: OpenDelivery, after rejection: MessageRejection) -> RabbitMQMessage {
        guard let envelope = try? WireFormat.envelope(delivery.delivery) else {
            delivery.note(.died)
            let letter = delivery.delivery
            return noting(letter, bury(letter.properties, letter.body, rejection))
        }
        return move(ReceivedMessage(envelope: envelope, delivery: delivery), after: rejection)
    }

    private func bury(
        _ properties: MessageProperties, _ body: [UInt8], _ rejection: MessageRejection
    ) -> RabbitMQMessage {
        logger.error(
            "a message goes to the dead letters",
            metadata: [
                "message_id": "\(properties.messageID ?? "-")", "type": "\(properties.type ?? "-")",
                "error": "\(rejection)",
            ])
        Counter(
            label: "shop_messages_dead",
            dimensions: [("service", topology.service), ("class", rejection.errorClass.rawValue)]
        ).increment()
        return DeadLetter.message(properties, body, rejection: rejection, service: topology.service)
    }

    /// Tells those who wait for it what has become of deliveries that are settled. Nothing depends on it.
    func tell(of deliveries: [OpenDelivery]) async {
        let receipts = deliveries.compactMap(\.receipt)
        if !receipts.isEmpty { _ = try? await publisher.publish(receipts) }
    }

    /// An error as it travels with a message: bounded, since headers are.
    private static func text(of error: any Error) -> String {
        FailureHistory.bounded((error as? MessageRejection)?.reason ?? (error as? PostgresError)?.summary ?? "\(error)")
    }

    /// Publishes moved messages; they must be safe before the originals are acknowledged.
    func publish(_ messages: [RabbitMQMessage]) async throws {
        guard !messages.isEmpty else { return }
        CrashPoint.beforeMove.reached(by: messages)
        let outcomes: [PublishOutcome]
        do {
            outcomes = try await publisher.publish(messages)
        } catch let error as RabbitMQError where error.kind == .invalidMessage {
            // What else a foreign sender has put into the headers does not fit beside the reason.
            outcomes = try await publisher.publish(messages.map(DeadLetter.withoutForeignHeaders))
        }
        for outcome in outcomes where outcome != .confirmed { throw MoveRefused(outcome: outcome) }
        CrashPoint.afterMove.reached(by: messages)
    }
}

/// The broker did not take a message that was to move; the topology is incomplete or a queue is full.
struct MoveRefused: Error, CustomStringConvertible {
    let outcome: PublishOutcome
    var description: String { "the broker did not take a retried or dead message: \(outcome)" }
}
