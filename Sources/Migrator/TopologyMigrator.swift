public import Events
public import Logging
public import RabbitMQ

/// Declares the broker's topology, and looks at it.
///
/// Declaring adds. Queues of earlier versions are emptied into their successors and then deleted; any other queue or
/// binding that the topology does not name stays until an operator deletes it, since messages may wait there.
public struct TopologyMigrator: Sendable {
    private let configuration: RabbitMQConfiguration
    private let logger: Logger

    /// A migrator; it connects when it is asked to do something.
    public init(configuration: RabbitMQConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    /// Declares every exchange, queue and binding. What is there already stays as it is; that is success. Then moves
    /// what is left in queues of earlier versions.
    public func declare(_ topology: Topology) async throws(TopologyError) -> TopologyReport {
        try await withAdmin { admin in
            var created: [String] = []
            var existing: [String] = []
            for (name, kind) in Topology.exchanges {
                let isThere = try await admin.hasExchange(name)
                try await naming("exchange", name) { try await admin.declareExchange(name, kind: kind) }
                if isThere { existing.append(name) } else { created.append(name) }
            }
            for queue in topology.services.flatMap(\.queues) {
                let isThere = try await admin.status(queue.name) != nil
                try await naming("queue", queue.name) {
                    try await admin.declareQueue(queue.name, arguments: queue.arguments)
                    for binding in queue.bindings {
                        try await admin.bind(
                            queue: queue.name, exchange: binding.exchange, routingKey: binding.routingKey)
                    }
                }
                if isThere { existing.append(queue.name) } else { created.append(queue.name) }
            }
            logger.info(
                "declared topology", metadata: ["created": "\(created.count)", "existing": "\(existing.count)"])
            var report = TopologyReport(created: created, existing: existing)
            let retirement = QueueRetirement(configuration: configuration, logger: logger)
            for queue in topology.services.flatMap(\.retiredQueues) {
                try await retirement.retire(queue, admin, &report)
            }
            return report
        }
    }

    /// Looks at every exchange and queue and changes nothing. Bindings cannot be looked at through AMQP.
    public func status(_ topology: Topology) async throws(TopologyError) -> TopologyStatus {
        try await withAdmin { admin in
            var exchanges: [TopologyStatus.Exchange] = []
            for (name, _) in Topology.exchanges {
                exchanges.append(.init(name: name, exists: try await admin.hasExchange(name)))
            }
            var queues: [TopologyStatus.Queue] = []
            for queue in topology.services.flatMap(\.queues) {
                let status = try await admin.status(queue.name)
                queues.append(.init(name: queue.name, messages: status?.messages, consumers: status?.consumers))
            }
            var status = TopologyStatus(exchanges: exchanges, queues: queues)
            for queue in topology.services.flatMap(\.retiredQueues) {
                guard let found = try await admin.status(queue.name) else { continue }
                status.retired.append(.init(name: queue.name, messages: found.messages, consumers: found.consumers))
            }
            return status
        }
    }

    private func withAdmin<Result: Sendable>(
        _ body: (RabbitMQAdmin) async throws -> Result
    ) async throws(TopologyError) -> Result {
        let admin = RabbitMQAdmin(configuration: configuration.named("shopctl-migrate"), logger: logger)
        let result: Result
        do {
            result = try await body(admin)
        } catch {
            await admin.close()
            throw error as? TopologyError ?? .broker(configuration.redacted, cause: error)
        }
        await admin.close()
        return result
    }
}

/// Runs the body, and says what it was about if the broker has the same name with other properties.
private func naming(_ kind: String, _ name: String, _ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch let error as RabbitMQError where error.kind == .preconditionFailed {
        throw TopologyError.conflict(kind: kind, name: name, cause: error)
    }
}

extension RabbitMQAdmin {
    fileprivate func hasExchange(_ name: String) async throws -> Bool {
        do {
            try await checkExchange(name)
            return true
        } catch let error as RabbitMQError where error.kind == .notFound {
            return false
        }
    }
}
