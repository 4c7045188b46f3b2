public import FoundationEssentials
public import RabbitMQ

/// Something that is wrong with a service's queues.
public enum QueueFinding: Sendable, Equatable {
    /// Messages that are sent under these keys do not reach it; none while a queue of an earlier version takes them.
    case missingQueue(String, [QueueBinding])
    /// Messages that are sent under that key do not reach the queue.
    case missingBinding(queue: String, QueueBinding)
    /// The queue gets what its service does not know.
    case surplusBinding(queue: String, QueueBinding)
    /// A policy of somebody else's changes what becomes of messages.
    case policy(PolicyFinding)

    /// The queue that it is about.
    public var queue: String {
        switch self {
        case .missingQueue(let queue, _), .missingBinding(let queue, _), .surplusBinding(let queue, _): queue
        case .policy(let finding): finding.queue
        }
    }

    /// A stable word for what it is.
    public var kind: String {
        switch self {
        case .missingQueue: "missing_queue"
        case .missingBinding: "missing_binding"
        case .surplusBinding: "surplus_binding"
        case .policy(let finding): finding.loses ? "losing_policy" : "diverting_policy"
        }
    }

    /// The keys under which messages do not come to the queue.
    ///
    /// - Parameter lastSeen: The time when its bindings were last seen; nil if never.
    public func losses(lastSeen: Date? = nil) -> [BindingLoss] {
        let bindings: [QueueBinding] =
            switch self {
            case .missingQueue(_, let bindings): bindings
            case .missingBinding(_, let binding): [binding]
            case .surplusBinding, .policy: []
            }
        // What cannot be routed to a retry queue or to the dead letters stays where it is.
        return bindings.filter { $0.exchange == Topology.eventsExchange }
            .map { BindingLoss(queue: queue, type: $0.routingKey, lastSeen: lastSeen) }
    }
}

extension QueueFinding: CustomStringConvertible {
    public var description: String {
        switch self {
        case .missingQueue: "there is no such queue"
        case .missingBinding(_, let binding):
            "not bound to \(binding.routingKey) of \(binding.exchange): what is sent under it does not arrive"
        case .surplusBinding(_, let binding):
            "bound to \(binding.routingKey) of \(binding.exchange), which its service does not handle"
        case .policy(let finding): "\(finding)"
        }
    }
}

extension BrokerSnapshot {
    /// The findings about a service's queues, those in the order of its topology.
    public func findings(about service: ServiceTopology) -> [QueueFinding] {
        service.queues.flatMap { queue -> [QueueFinding] in
            guard let viewed = queues[queue.name] else { return [service.missing(queue) { queues[$0] != nil }] }
            // Every queue is bound to the default exchange, under its own name.
            let bound = bindings.filter { $0.queue == queue.name && !$0.exchange.isEmpty }
            let missing = queue.bindings.filter { wanted in !bound.contains { $0.isEqual(to: wanted) } }
            let surplus = bound.filter { found in !queue.bindings.contains(where: found.isEqual) }
            return missing.map { .missingBinding(queue: queue.name, $0) }
                + surplus.map {
                    .surplusBinding(queue: queue.name, .init(exchange: $0.exchange, routingKey: $0.routingKey))
                }
                + PolicyFinding.all(of: viewed, declared: queue).map { .policy($0) }
        }
    }
}

extension ServiceTopology {
    /// The findings about queues that are missing.
    ///
    /// - Parameter isThere: Tells of a queue by its name, those of earlier versions too.
    public func missingQueues(_ isThere: (String) -> Bool) -> [QueueFinding] {
        queues.filter { !isThere($0.name) }.map { missing($0, isThere) }
    }

    fileprivate func missing(_ queue: QueueDefinition, _ isThere: (String) -> Bool) -> QueueFinding {
        let isReplaced = retiredQueues.contains { $0.successor == queue.name && isThere($0.name) }
        return .missingQueue(queue.name, isReplaced ? [] : queue.bindings)
    }
}

extension ViewedBinding {
    fileprivate func isEqual(to binding: QueueBinding) -> Bool {
        !hasArguments && exchange == binding.exchange && routingKey == binding.routingKey
    }
}
