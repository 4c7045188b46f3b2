import DriverSupport

/// Deliveries that wait for somebody to take them, and iterators that wait for deliveries. A pure struct: what it
/// returns is to be resumed outside of the lock it lives in.
///
/// The prefetch bounds it. A batch is given when it is full or its first delivery has waited for `linger`.
struct DeliveryBuffer {
    typealias Waiter = CheckedContinuation<DeliveryBatch?, Never>

    /// A batch's worth, of one connection.
    struct Portion {
        var deliveries: [Delivery]
        var generation: UInt64
    }

    /// What an iterator is told at once.
    enum Answer {
        case portion(Portion)
        case finished
        /// It must wait. `mustWake`: the thread must look at ``ripeAt`` again.
        case wait(mustWake: Bool)
    }

    private let batchSize: Int
    private let linger: Duration
    private var waiting = FIFO<(delivery: Delivery, arrived: MonotonicTime)>()
    private var waiters: [(id: UInt64, waiter: Waiter)] = []
    private var generation: UInt64 = 0
    private(set) var isFinished = false

    init(batchSize: Int, linger: Duration) {
        self.batchSize = max(batchSize, 1)
        self.linger = linger
    }

    /// When somebody waits for deliveries that are here but not enough for a batch: when they get them nevertheless.
    var ripeAt: MonotonicTime? {
        guard !waiters.isEmpty, let first = waiting.first else { return nil }
        return first.arrived + linger
    }

    /// A new connection: what came by the old one will be delivered again.
    mutating func begin(generation: UInt64) {
        self.generation = generation
        waiting = FIFO()
    }

    /// Takes in what arrived.
    mutating func append(_ deliveries: [Delivery], at now: MonotonicTime) {
        for delivery in deliveries { waiting.append((delivery, now)) }
    }

    /// The next pair of somebody who waits and what they get; `nil` if there is none now.
    mutating func match(at now: MonotonicTime) -> (Waiter, Portion)? {
        guard !waiters.isEmpty, let portion = take(at: now) else { return nil }
        return (waiters.removeFirst().waiter, portion)
    }

    /// Asks for a batch.
    mutating func next(at now: MonotonicTime) -> Answer {
        if isFinished { return .finished }
        // Those who wait already come first.
        if waiters.isEmpty, let portion = take(at: now) { return .portion(portion) }
        return .wait(mustWake: waiters.isEmpty && !waiting.isEmpty)
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
        while let (delivery, _) = waiting.popFirst() { rest.append(delivery) }
        return rest
    }

    private mutating func take(at now: MonotonicTime) -> Portion? {
        guard let first = waiting.first else { return nil }
        guard waiting.count >= batchSize || first.arrived + linger <= now else { return nil }
        var deliveries: [Delivery] = []
        deliveries.reserveCapacity(min(batchSize, waiting.count))
        while deliveries.count < batchSize, let (delivery, _) = waiting.popFirst() { deliveries.append(delivery) }
        return Portion(deliveries: deliveries, generation: generation)
    }
}
