public import Logging
public import RabbitMQ
public import ServiceLifecycle
import Telemetry

/// Hears domain events in this process, whichever replica caused them: an exclusive queue that lives as long as
/// the connection.
///
/// Events published while it is disconnected are missed: it wakes those who wait, they look for themselves.
public final class EventSubscription: Service {
    private let consumer: RabbitMQConsumer
    private let log: LoopLog
    private let receive: @Sendable (Envelope) async -> Void

    /// - Parameters:
    ///   - patterns: Topic patterns on the events exchange.
    ///   - receive: Called for each event, one at a time.
    public init(
        configuration: RabbitMQConfiguration, patterns: [String], logger: Logger,
        receive: @escaping @Sendable (Envelope) async -> Void
    ) {
        log = LoopLog("the subscription to \(patterns.joined(separator: ", "))", logger: logger)
        self.receive = receive
        var options = ConsumerOptions()
        options.declare = .temporary(
            bindings: patterns.map { QueueBinding(exchange: Topology.eventsExchange, routingKey: $0) })
        consumer = RabbitMQConsumer(configuration: configuration, queue: "", options: options, logger: logger)
    }

    public func run() async throws {
        await withGracefulShutdownHandler {
            for await batch in consumer.batches {
                for delivery in batch.deliveries {
                    do {
                        for envelope in try WireFormat.envelopes(delivery) { await receive(envelope) }
                        log.goesOn()
                    } catch {
                        log.heldUp(error)
                    }
                }
                try? await batch.ack()
            }
        } onGracefulShutdown: {
            let consumer = self.consumer
            Task { await consumer.close() }
        }
    }
}
