import DriverSupport

/// Deliveries that wait for somebody to take them, and iterators that wait for deliveries. A pure struct: what it
/// returns is to be resumed outside of the lock it lives in.
///
/// The prefetch bounds it. Whoever asks gets what is there, at once: batches form while earlier ones are worked on.
struct DeliveryBuffer {
    typealias Waiter = CheckedContinuation<DeliveryBatch?, Never>

    /// A batch's worth, of one connection.
    struct Portion {
        var deliveries: [Delivery]
        var generation: UInt64
    }

    /// The answer that an iterator gets at once.
    enum Answer {
        case portion(Portion)
        case finished
        case wait
    }

    private let batchSize: Int
    private var waiting = FIFO<Delivery>()
    private var waiters: [(id: UInt64, waiter: Waiter)] = []
    private var generation: UInt64 = 0
    private(set) var isFinished = false

    init(batchSize: Int) {
        self.batchSize = max(batchSize, 1)
    }

    /// A new connection: what came by the old one will be delivered again.
    mutating func begin(generation: UInt64) {
        self.generation = generation
        waiting = FIFO()
    }

    /// Takes in what arrived.
    mutating func append(_ deliveries: [Delivery]) {
        for delivery in deliveries { waiting.append(delivery) }
    }

    /// The next pair of somebody who waits and what they get; `nil` if there is none now.
    mutating func match() -> (Waiter, Portion)? {
        guard !waiters.isEmpty, let portion = take() else { return nil }
        return (waiters.removeFirst().waiter, portion)
    }

    /// Asks for a batch.
    mutating func next() -> Answer {
        if isFinished { return .finished }
        // Those who wait already come first.
        if waiters.isEmpty, let portion = take() { return .portion(portion) }
        return .wait
    }

    mutating func addWaiter(_ id: UInt64, _ waiter: Waiter) { waiters.append((id, waiter)) }

    mutating func removeWaiter(_ id: UInt64) -> Waiter? {
        guard let index = waiters.firstIndex(where: { $0.id == id }) else { return nil }
        return waiters.remove(at: index).waiter
    }

    /// Ends the sequence; returns who is to be told.
    mutating func finish() -> [Waiter] {
        isFinished = true
        defer { waiters = [] }
        return waiters.map(\.waiter)
    }

    /// Gives out what nobody will take any more.
    mutating func removeAll() -> [Delivery] {
        var rest: [Delivery] = []
        while let delivery = waiting.popFirst() { rest.append(delivery) }
        return rest
    }

    private mutating func take() -> Portion? {
        guard !waiting.isEmpty else { return nil }
        var deliveries: [Delivery] = []
        deliveries.reserveCapacity(min(batchSize, waiting.count))
        while deliveries.count < batchSize, let delivery = waiting.popFirst() { deliveries.append(delivery) }
        return Portion(deliveries: deliveries, generation: generation)
    }
}
