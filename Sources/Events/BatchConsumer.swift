public import Logging
import Metrics
public import RabbitMQ
public import ServiceLifecycle
import Synchronization
import Telemetry

/// Consumes a service's inbox: batches of messages, one transaction a batch, acknowledged after its commit and the
/// confirms of what follows from it.
///
/// If a batch fails, each half is tried on its own, until those at fault stand alone. A message that fails alone is
/// published to a retry queue, one that can never succeed to the dead letters, and only then acknowledged. Messages
/// that have failed before are tried beside the batches, so that one that takes its time holds up nobody else. While a
/// backend is away the batch waits, unacknowledged; a consumer that is to stop leaves it to the broker, which delivers
/// it again.
public final class BatchConsumer: Service {
    /// The most messages that are handled in one transaction.
    private static let transactionLimit = 256

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
                        for await message in lane.trials where !self.mustStop {
                            await self.attempt(message, in: lane)
                        }
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
            // What is under way can still be acknowledged.
            let consumer = self.consumer
            Task { await consumer.stop() }
        }
    }

    private var mustStop: Bool { Task.isCancelled || isStopping.load(ordering: .acquiring) }

    /// Sees a batch through: handled and acknowledged, moved, or left to the broker.
    private func process(_ batch: DeliveryBatch) async {
        var share = sort(batch)
        var patience = Patience()
        while !Task.isCancelled {
            do {
                try await handle(&share, &patience)
                try await acknowledge(batch, &share)
                Recorder(label: "shop_consumer_batch_size", dimensions: [("service", topology.service)])
                    .record(share.messageCount)
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
                log.heldUp(error, metadata: ["messages": "\(share.messageCount)"])
                await stop.wait(atMost: patience.backoff.next())
            }
        }
    }

    /// The fate of a batch's messages.
    private struct Share {
        var deliveries: [OpenDelivery] = []
        var messageCount = 0
        /// To be handled, each group together.
        var fresh: [[ReceivedMessage]] = []
        /// Parts of groups that have failed.
        var failed: [[ReceivedMessage]] = []
        /// To be tried alone, beside the batches.
        var alone: [ReceivedMessage] = []
        /// To be published elsewhere before the batch is acknowledged.
        var moved: [RabbitMQMessage] = []

        /// Adds a message to the last group, or to a new one if that is full.
        mutating func add(fresh message: ReceivedMessage) {
            if fresh.isEmpty || fresh[fresh.count - 1].count == BatchConsumer.transactionLimit { fresh.append([]) }
            fresh[fresh.count - 1].append(message)
        }
    }

    private func sort(_ batch: DeliveryBatch) -> Share {
        var share = Share()
        for delivery in batch.deliveries {
            noteRedeliveries(of: delivery)
            let open = OpenDelivery(delivery, of: batch)
            share.deliveries.append(open)
            do {
                sort(try WireFormat.envelopes(delivery), of: open, into: &share)
            } catch {
                share.moved.append(mover.move(open, after: error))
            }
        }
        return share
    }

    private func sort(_ envelopes: [Envelope], of delivery: OpenDelivery, into share: inout Share) {
        share.messageCount += envelopes.count
        for envelope in envelopes {
            let message = ReceivedMessage(envelope: envelope, delivery: delivery)
            do {
                try handling.router.check(envelope)
            } catch {
                share.moved.append(mover.move(message, after: error))
                continue
            }
            if envelope.attempt == 0 {
                share.add(fresh: message)
            } else {
                share.alone.append(message)
            }
        }
    }

    /// - Throws: Only for a backend that is away; then nothing may be acknowledged.
    private func handle(_ share: inout Share, _ patience: inout Patience) async throws {
        try await handleGroups(&share, &patience)
        for message in share.alone {
            let isTaken = lanes.lane(of: message.envelope).offer(message)
            if !isTaken { share.moved.append(mover.park(message)) }
        }
        share.alone = []
        try await mover.publish(share.moved)
        share.moved = []
    }

    /// Handles the messages of each group in one transaction, and then those of groups that have failed.
    private func handleGroups(_ share: inout Share, _ patience: inout Patience) async throws {
        while let group = share.fresh.first {
            // Who is to stop finishes what it is at.
            if mustStop, share.messageCount > Self.transactionLimit { throw CancellationError() }
            if try await handle(group, within: .seconds(5), &share, &patience) {
                share.failed += Self.halves(of: group)
            }
            share.fresh.removeFirst()
        }
        // Those that there is no time for are tried beside the next batches.
        let end = ContinuousClock.now + .seconds(2)
        while let group = share.failed.first {
            if ContinuousClock.now > end {
                share.alone += share.failed.joined()
                share.failed = []
                return
            }
            let hasFailed = try await handle(group, within: .seconds(2), &share, &patience)
            share.failed.replaceSubrange(0...0, with: hasFailed ? Self.halves(of: group) : [])
        }
    }

    /// Handles the messages of a group in one transaction; moves one that has failed alone.
    ///
    /// - Returns: Whether several have failed together.
    private func handle(
        _ group: [ReceivedMessage], within statements: Duration, _ share: inout Share, _ patience: inout Patience
    ) async throws -> Bool {
        do {
            try await handling.commit(group.map(\.envelope), statements: statements)
            return false
        } catch {
            if await handling.isBackend(error, &patience) { throw error }
            if group.count > 1 { return true }
            share.moved.append(mover.move(group[0], after: error))
            return false
        }
    }

    private static func halves(of group: [ReceivedMessage]) -> [[ReceivedMessage]] {
        let middle = group.count / 2
        return [Array(group[..<middle]), Array(group[middle...])]
    }

    /// Tries a message alone until it is handled or moved.
    private func attempt(_ message: ReceivedMessage, in lane: TrialLane) async {
        var patience = Patience()
        while !mustStop {
            do {
                do {
                    try await handling.commit([message.envelope], statements: .seconds(5))
                } catch {
                    if await handling.isBackend(error, &patience) { throw error }
                    try await mover.publish([mover.move(message, after: error)])
                }
                CrashPoint.beforeAcknowledge.reached([message.envelope.type])
                if try await message.delivery.release() { await mover.tell(of: [message.delivery]) }
                CrashPoint.afterAcknowledge.reached([message.envelope.type])
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

    private func acknowledge(_ batch: DeliveryBatch, _ share: inout Share) async throws {
        let deliveries = share.deliveries
        CrashPoint.beforeAcknowledge.reached(Self.types(of: deliveries))
        if deliveries.contains(where: \.isShared) {
            // Let go of once, however often this is tried.
            while let delivery = share.deliveries.popLast() {
                if try await delivery.release() { await mover.tell(of: [delivery]) }
            }
        } else {
            try await batch.ack()
            await mover.tell(of: deliveries)
        }
        CrashPoint.afterAcknowledge.reached(Self.types(of: deliveries))
    }

    /// The types of the messages that nothing is left to do for.
    private static func types(of deliveries: [OpenDelivery]) -> [String] {
        deliveries.filter { !$0.isShared }.compactMap(\.delivery.properties.type).map(MessageBatch.type)
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
