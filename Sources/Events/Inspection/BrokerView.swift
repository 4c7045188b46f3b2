/// A look at a virtual host that tells more than AMQP can: bindings, policies, and messages that are being handled.
public protocol BrokerView: Sendable {
    /// Every queue and every binding, as of now or a few seconds ago.
    ///
    /// - Throws: What kept it from being looked at, in words for an operator; never with a password.
    func snapshot() async throws -> BrokerSnapshot
}

/// The queues and bindings of a virtual host.
public struct BrokerSnapshot: Sendable, Equatable {
    public var queues: [String: ViewedQueue]
    public var bindings: [ViewedBinding]

    public init(queues: [ViewedQueue], bindings: [ViewedBinding]) {
        self.queues = Dictionary(queues.map { ($0.name, $0) }) { first, _ in first }
        self.bindings = bindings
    }
}

/// A queue as an operator's view shows it.
public struct ViewedQueue: Sendable, Equatable {
    public var name: String
    /// Messages that wait for a consumer; nil as long as the broker has not counted them.
    public var ready: Int?
    /// Messages that consumers have taken and not acknowledged.
    public var unacknowledged: Int?
    public var consumers: Int?
    /// The policy that applies to it; nil for none.
    public var policy: String?
    /// The operator policy that applies to it; nil for none.
    public var operatorPolicy: String?
    /// The settings of both.
    public var definition: [String: PolicyValue]
    /// Messages a second, as of late: put into it, handed to consumers, acknowledged; nil as long as there were none.
    public var rates: Rates?

    /// Messages a second.
    public struct Rates: Sendable, Equatable {
        public var published: Double
        public var delivered: Double
        public var acknowledged: Double

        public init(published: Double, delivered: Double, acknowledged: Double) {
            self.published = published
            self.delivered = delivered
            self.acknowledged = acknowledged
        }
    }

    public init(
        name: String, ready: Int? = nil, unacknowledged: Int? = nil, consumers: Int? = nil, policy: String? = nil,
        operatorPolicy: String? = nil, definition: [String: PolicyValue] = [:], rates: Rates? = nil
    ) {
        self.name = name
        self.ready = ready
        self.unacknowledged = unacknowledged
        self.consumers = consumers
        self.policy = policy
        self.operatorPolicy = operatorPolicy
        self.definition = definition
        self.rates = rates
    }
}

/// A value that a policy sets.
public enum PolicyValue: Sendable, Equatable, CustomStringConvertible {
    case number(Int64)
    case text(String)

    public var description: String {
        switch self {
        case .number(let number): "\(number)"
        case .text(let text): text
        }
    }
}

/// A route from an exchange to a queue, as an operator's view shows it.
public struct ViewedBinding: Sendable, Equatable {
    public var exchange: String
    public var queue: String
    public var routingKey: String
    /// Whether it has arguments, as no binding of the shop has.
    public var hasArguments: Bool

    public init(exchange: String, queue: String, routingKey: String, hasArguments: Bool = false) {
        self.exchange = exchange
        self.queue = queue
        self.routingKey = routingKey
        self.hasArguments = hasArguments
    }
}
