public import Logging
import Metrics
public import RabbitMQ
public import ServiceLifecycle
import Synchronization
import Telemetry

/// Consumes a service's inbox: batches of messages, one transaction a batch, acknowledged after its commit and the
/// confirms of what follows from it.
///
/// If a batch fails, its messages are tried one by one. A message that fails alone is published to a retry queue,
/// one that can never succeed to the dead letters, and only then acknowledged. Messages that have failed before are
/// tried beside the batches, so that one that takes its time holds up nobody else. While a backend is away the batch
/// waits, unacknowledged; a consumer that is to stop leaves it to the broker, which delivers it again.
public final class BatchConsumer: Service {
    private let topology: ServiceTopology
    private let consumer: RabbitMQConsumer
    private let mover: MessageMover
    private let handling: MessageHandling
    private let lanes = [TrialLane(capacity: 32), TrialLane(capacity: 32)]
    private let logger: Logger
    private let log: LoopLog
    private let trialLog: LoopLog
    private let isStopping = Atomic(false)
    /// Rung when it is to stop.
    private let stop = Wake()

    /// - Parameters:
    ///   - topology: The service's queues.
    ///   - consumer: A consumer of its inbox.
    ///   - publisher: For messages that move to a retry queue or to the dead letters.
    ///   - handlers: Each for its own types.
    public init(
        topology: ServiceTopology, consumer: RabbitMQConsumer, publisher: RabbitMQPublisher, transactor: Transactor,
        handlers: [any MessageHandler], retryPolicy: RetryPolicy = .standard, logger: Logger
    ) {
        self.topology = topology
        self.consumer = consumer
        self.logger = logger
        mover = MessageMover(topology: topology, publisher: publisher, retryPolicy: retryPolicy, logger: logger)
        handling = MessageHandling(transactor: transactor, router: MessageRouter(handlers: handlers))
        log = LoopLog("the consumer of \(topology.inbox)", logger: logger)
        trialLog = LoopLog("the consumer of \(topology.inbox), with messages that have failed before,", logger: logger)
    }

    /// Runs until it is cancelled or asked to stop gracefully: then the batch at hand is finished first.
    public func run() async throws {
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                for lane in lanes {
                    group.addTask {
                        for await trial in lane.trials where !self.mustStop { await self.attempt(trial, in: lane) }
                    }
                }
                for await batch in consumer.batches {
                    await process(batch)
                    if Task.isCancelled { break }
                }
                for lane in lanes { lane.finish() }
            }
            await consumer.close()
        } onGracefulShutdown: {
            self.isStopping.store(true, ordering: .releasing)
            self.stop.ring()
            for lane in self.lanes { lane.stop.ring() }
            let consumer = self.consumer
            Task { await consumer.close() }
        }
    }

    private var mustStop: Bool { Task.isCancelled || isStopping.load(ordering: .acquiring) }

    /// Sees a batch through: handled and acknowledged, moved, or left to the broker.
    private func process(_ batch: DeliveryBatch) async {
        var share = sort(batch)
        var patience = Patience()
        while !Task.isCancelled {
            do {
                try await handle(&share, batch, &patience)
                try await acknowledge(batch, except: share.onTrial)
                Recorder(label: "shop_consumer_batch_size", dimensions: [("service", topology.service)])
                    .record(batch.deliveries.count)
                log.goesOn()
                return
            } catch let error as RabbitMQError where error.kind == .staleDelivery || error.kind == .closed {
                // The connection went away under the batch; the broker delivers it again, and handling it twice
                // is as good as once.
                logger.debug("a batch will be delivered again", metadata: ["error": "\(error)"])
                return
            } catch {
                if mustStop {
                    logger.info("a batch is left to the broker", metadata: ["error": "\(error)"])
                    return
                }
                log.heldUp(error, metadata: ["messages": "\(batch.deliveries.count)"])
                await stop.wait(atMost: patience.backoff.next())
            }
        }
    }

    /// The fate of a batch's messages.
    private struct Share {
        /// To be handled together.
        var fresh: [(delivery: Delivery, envelope: Envelope)] = []
        /// To be tried alone, beside the batches.
        var alone: [(delivery: Delivery, envelope: Envelope)] = []
        /// To be published elsewhere before the batch is acknowledged.
        var moved: [RabbitMQMessage] = []
        /// Tags of those that a lane has taken.
        var onTrial: Set<UInt64> = []
    }

    private func sort(_ batch: DeliveryBatch) -> Share {
        var share = Share()
        for delivery in batch.deliveries {
            noteRedeliveries(of: delivery)
            let envelope: Envelope
            do {
                envelope = try WireFormat.envelope(delivery)
            } catch {
                share.moved.append(mover.bury(delivery, error))
                continue
            }
            do {
                try handling.router.check(envelope)
            } catch {
                share.moved.append(mover.move(delivery, envelope, after: error))
                continue
            }
            if envelope.attempt == 0 {
                share.fresh.append((delivery, envelope))
            } else {
                share.alone.append((delivery, envelope))
            }
        }
        return share
    }

    /// - Throws: Only for a backend that is away; then nothing may be acknowledged.
    private func handle(_ share: inout Share, _ batch: DeliveryBatch, _ patience: inout Patience) async throws {
        do {
            try await handling.commit(share.fresh.map(\.envelope), statements: .seconds(5))
            share.fresh = []
        } catch {
            if await handling.isBackend(error, &patience) { throw error }
            if share.fresh.count == 1 {
                share.moved.append(mover.move(share.fresh[0].delivery, share.fresh[0].envelope, after: error))
                share.fresh = []
            }
        }
        try await handleOneByOne(&share, &patience)
        for (delivery, envelope) in share.alone {
            let trial = TrialLane.Trial(delivery: delivery, envelope: envelope, batch: batch)
            if lanes.lane(of: envelope).offer(trial) {
                share.onTrial.insert(delivery.deliveryTag)
            } else {
                share.moved.append(mover.park(envelope))
            }
        }
        share.alone = []
        try await mover.publish(share.moved)
        share.moved = []
    }

    /// Tries the messages of a batch that has failed. Those that there is no time for are tried beside the next
    /// batches.
    private func handleOneByOne(_ share: inout Share, _ patience: inout Patience) async throws {
        let end = ContinuousClock.now + .seconds(2)
        while let (delivery, envelope) = share.fresh.first {
            if ContinuousClock.now > end {
                share.alone += share.fresh
                share.fresh = []
                return
            }
            do {
                try await handling.commit([envelope], statements: .seconds(2))
            } catch {
                if await handling.isBackend(error, &patience) { throw error }
                share.moved.append(mover.move(delivery, envelope, after: error))
            }
            share.fresh.removeFirst()
        }
    }

    /// Tries a message alone until it is handled or moved.
    private func attempt(_ trial: TrialLane.Trial, in lane: TrialLane) async {
        var patience = Patience()
        while !mustStop {
            do {
                do {
                    try await handling.commit([trial.envelope], statements: .seconds(5))
                } catch {
                    if await handling.isBackend(error, &patience) { throw error }
                    try await mover.publish([mover.move(trial.delivery, trial.envelope, after: error)])
                }
                try await trial.batch.ack(trial.delivery)
                trialLog.goesOn()
                return
            } catch let error as RabbitMQError where error.kind == .staleDelivery || error.kind == .closed {
                return
            } catch {
                if mustStop { return }
                trialLog.heldUp(error)
                await lane.stop.wait(atMost: patience.backoff.next())
            }
        }
    }

    private func acknowledge(_ batch: DeliveryBatch, except onTrial: Set<UInt64>) async throws {
        let handled = batch.deliveries.filter { !onTrial.contains($0.deliveryTag) }
        CrashPoint.beforeAcknowledge.reached(handled.compactMap(\.properties.type))
        if onTrial.isEmpty {
            try await batch.ack()
        } else {
            for delivery in handled { try await batch.ack(delivery) }
        }
        CrashPoint.afterAcknowledge.reached(handled.compactMap(\.properties.type))
    }

    /// Tells of a message that the broker has had to deliver again and again: a limit of the broker's would move it
    /// away.
    private func noteRedeliveries(of delivery: Delivery) {
        guard let count = delivery.properties.headers["x-delivery-count"]?.intValue, count > 0 else { return }
        Counter(label: "shop_messages_redelivered", dimensions: [("service", topology.service)]).increment()
        guard count == 3 || count == 10 || count == 100 else { return }
        logger.warning(
            "a message has come back to its queue again and again; a delivery limit makes it a dead letter",
            metadata: [
                "message_id": "\(delivery.properties.messageID ?? "-")", "type": "\(delivery.properties.type ?? "-")",
                "returns": "\(count)", "limit": "\(ServiceTopology.deliveryLimit), or less by a policy of the broker",
            ])
    }
}
