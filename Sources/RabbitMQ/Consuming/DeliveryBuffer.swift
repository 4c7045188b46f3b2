import DriverSupport

/// Deliveries that wait for somebody to take them, and iterators that wait for deliveries. A pure struct: what it
/// returns is to be resumed outside of the lock it lives in.
///
/// The prefetch bounds it. Whoever asks gets what is there, at once: batches form while earlier ones are worked on. Only
/// deliveries that may all wait are kept for a moment, for company; whatever comes, their order stays.
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
    private let patience: ConsumerOptions.Patience?
    private var waiting = FIFO<Delivery>()
    /// The moment from which on what waits is given out; nil if nothing waits.
    private var due: MonotonicTime?
    private var waiters: [(id: UInt64, waiter: Waiter)] = []
    private var generation: UInt64 = 0
    private(set) var isFinished = false

    /// - Parameter patience: Nil if no delivery may wait.
    init(batchSize: Int, patience: ConsumerOptions.Patience? = nil) {
        self.batchSize = max(batchSize, 1)
        self.patience = patience
    }

    /// A new connection: what came by the old one will be delivered again.
    mutating func begin(generation: UInt64) {
        self.generation = generation
        waiting = FIFO()
        due = nil
    }

    /// Takes in what arrived.
    mutating func append(_ deliveries: [Delivery], at now: MonotonicTime = .now) {
        for delivery in deliveries {
            waiting.append(delivery)
            due = earliest(due, now + (patience?(delivery) ?? .zero))
        }
    }

    /// The next pair of somebody who waits and what they get; `nil` if there is none now.
    mutating func match(at now: MonotonicTime = .now) -> (Waiter, Portion)? {
        guard !waiters.isEmpty, let portion = take(at: now) else { return nil }
        return (waiters.removeFirst().waiter, portion)
    }

    /// The moment at which ``match(at:)`` finds more though nothing arrives; nil if there is none to come.
    func nextDue(after now: MonotonicTime) -> MonotonicTime? {
        // Whoever asks later than it was due gets it at once.
        guard let due, due > now else { return nil }
        return due
    }

    /// Asks for a batch.
    mutating func next(at now: MonotonicTime = .now) -> Answer {
        if isFinished { return .finished }
        // Those who wait already come first.
        if waiters.isEmpty, let portion = take(at: now) { return .portion(portion) }
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
        due = nil
        return rest
    }

    private mutating func take(at now: MonotonicTime) -> Portion? {
        guard let due, due <= now || waiting.count >= batchSize else { return nil }
        var deliveries: [Delivery] = []
        deliveries.reserveCapacity(min(batchSize, waiting.count))
        while deliveries.count < batchSize, let delivery = waiting.popFirst() { deliveries.append(delivery) }
        if waiting.isEmpty { self.due = nil }
        return Portion(deliveries: deliveries, generation: generation)
    }
}
