import DriverSupport
import Logging

/// The state that the consumer's tasks and its thread share: commands, deliveries and the visible state.
final class ConsumerShared: Sendable {
    /// The ways to settle deliveries.
    enum Settlement: Sendable {
        case acknowledge(ClosedRange<UInt64>)
        case reject(UInt64, requeue: Bool)
    }

    /// A settlement on its way to the thread, which answers it.
    struct Command: Sendable {
        let settlement: Settlement
        let generation: UInt64
        let continuation: CheckedContinuation<Void, any Error>
    }

    /// The task that waits for the broker to accept the consumer.
    private struct Waiter {
        /// Whether it waits no longer than for the next attempt.
        let givesUp: Bool
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var buffer: DeliveryBuffer
        var commands: [Command] = []
        var lastID: UInt64 = 0
        var readyWaiters: [UInt64: Waiter] = [:]
        var stopWaiters: [CheckedContinuation<Void, Never>] = []
        var isReady = false
        /// The connection that deliveries can be settled on, while it is ready.
        var generation: UInt64 = 0
        var isStopping = false
        var hasStopped = false
        /// Nobody answers commands any more.
        var hasEnded = false
        var queueName: String
    }

    let configuration: RabbitMQConfiguration
    let queue: String
    let options: ConsumerOptions
    let control: ThreadControl
    let status: ConnectionStatus
    let metrics: ConnectionMetrics
    private let state: Mailbox<State>

    init(configuration: RabbitMQConfiguration, queue: String, options: ConsumerOptions, logger: Logger) {
        self.configuration = configuration
        self.queue = queue
        self.options = options
        control = ThreadControl(name: "mq-consumer")
        metrics = ConnectionMetrics(connection: configuration.name)
        var logger = logger
        logger[metadataKey: "rabbitmq_queue"] = .string(queue)
        status = ConnectionStatus(logger: logger, metrics: metrics, configuration: configuration)
        let buffer = DeliveryBuffer(batchSize: options.batchSize, patience: options.patience)
        state = Mailbox(State(buffer: buffer, queueName: queue), wake: control.wake)
    }

    var queueName: String { state.withContents { $0.queueName } }

    // MARK: For tasks

    func nextBatch() async -> DeliveryBatch? {
        guard await hasStarted() else { return nil }
        let id = newID()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in ask(id, continuation) }
        } onCancel: {
            state.withContents { $0.buffer.removeWaiter(id) }?.resume(returning: nil)
        }
    }

    /// Starts the thread; tries again while the system has no descriptor or thread to give, which is no reason to end
    /// a sequence that never ends by itself. False when the consumer is closed or the task cancelled.
    private func hasStarted() async -> Bool {
        var backoff = Backoff(configuration.reconnectDelay)
        while !Task.isCancelled {
            do throws(RabbitMQError) {
                try start()
                return true
            } catch {
                if error.kind == .closed { return false }
                status.failed(error)
            }
            try? await Task.sleep(for: backoff.next())
        }
        return false
    }

    private func ask(_ id: UInt64, _ continuation: DeliveryBuffer.Waiter) {
        let answer = state.withContents { state -> DeliveryBuffer.Answer in
            // The cancellation handler may have run already; it finds this waiter only if it comes later.
            if Task.isCancelled { return .finished }
            let answer = state.buffer.next()
            if case .wait = answer { state.buffer.addWaiter(id, continuation) }
            return answer
        }
        switch answer {
        case .portion(let portion): continuation.resume(returning: batch(portion))
        case .finished: continuation.resume(returning: nil)
        case .wait: break
        }
    }

    /// Has the thread settle deliveries.
    func settle(_ settlement: Settlement, _ generation: UInt64) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            let isAccepted = state.post { state in
                // Who comes too late does not wait for the thread, which may be connecting.
                if state.hasEnded || !state.isReady || generation != state.generation { return false }
                state.commands.append(
                    Command(settlement: settlement, generation: generation, continuation: continuation))
                return true
            }
            if !isAccepted { continuation.resume(throwing: RabbitMQError.stale) }
        }
    }

    func waitUntilReady(givesUp: Bool) async throws {
        try start()
        let id = newID()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let result = state.withContents { state -> Result<Void, any Error>? in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if state.isStopping || state.hasEnded { return .failure(self.closedError) }
                    if state.isReady { return .success(()) }
                    state.readyWaiters[id] = Waiter(givesUp: givesUp, continuation: continuation)
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            let waiter = state.withContents { $0.readyWaiters.removeValue(forKey: id) }
            waiter?.continuation.resume(throwing: CancellationError())
        }
    }

    func stop() async {
        finishSequence()
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let isThere = state.post { state in
                // Without a connection nothing is delivered.
                if !control.isRunning || !state.isReady || state.hasStopped || state.hasEnded { return true }
                state.stopWaiters.append(continuation)
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    func beginClosing() {
        finishSequence()
        control.stop()
    }

    private func start() throws(RabbitMQError) {
        try control.start { [self] in ConsumerLoop(self).run() }
    }

    private func finishSequence() {
        let (iterators, others) = state.post { state in
            state.isStopping = true
            defer { state.readyWaiters = [:] }
            return (state.buffer.finish(), Array(state.readyWaiters.values))
        }
        for iterator in iterators { iterator.resume(returning: nil) }
        for other in others { other.continuation.resume(throwing: closedError) }
    }

    private var closedError: RabbitMQError { RabbitMQError(.closed, "the consumer of \(queue) is closed") }

    private func newID() -> UInt64 {
        state.withContents { state in
            state.lastID += 1
            return state.lastID
        }
    }

    private func batch(_ portion: DeliveryBuffer.Portion) -> DeliveryBatch {
        DeliveryBatch(portion.deliveries, self, generation: portion.generation)
    }

    // MARK: For the thread

    /// Whether deliveries are still wanted.
    var isStopping: Bool { state.withContents { $0.isStopping } }

    /// The commands since the last time.
    func takeCommands() -> [Command] {
        state.take { state in
            defer { state.commands = [] }
            return state.commands
        }
    }

    /// Looks, without a connection and so without commands, whether deliveries are still wanted.
    func lookForStop() -> Bool { state.take { $0.isStopping } }

    /// Waits for something to look at, input on the socket, or the moment.
    func wait(alsoOn socket: Int32 = -1, until moment: MonotonicTime?) {
        state.wait(alsoOn: socket, until: moment)
    }

    /// The broker has accepted the consumer, under this queue name.
    func ready(generation: UInt64, queueName: String) {
        let waiters = state.withContents { state in
            state.buffer.begin(generation: generation)
            state.generation = generation
            state.isReady = true
            state.queueName = queueName
            defer { state.readyWaiters = [:] }
            return Array(state.readyWaiters.values)
        }
        for waiter in waiters { waiter.continuation.resume() }
    }

    /// The connection is gone and its deliveries with it, or could not be made.
    ///
    /// - Parameter error: The reason; nil if it was closed on purpose.
    func lost(nextGeneration: UInt64, _ error: RabbitMQError?) {
        let (stale, impatient) = state.withContents { state in
            state.isReady = false
            state.buffer.begin(generation: nextGeneration)
            defer { state.commands = [] }
            let impatient = error == nil ? [:] : state.readyWaiters.filter { $0.value.givesUp }
            for id in impatient.keys { state.readyWaiters[id] = nil }
            return (state.commands, impatient)
        }
        for command in stale { command.continuation.resume(throwing: RabbitMQError.stale) }
        guard let error else { return }
        for waiter in impatient.values { waiter.continuation.resume(throwing: error) }
    }

    /// Hands out what arrived, and what has waited long enough.
    ///
    /// - Returns: When this is to be called again though nothing arrives; nil if it need not.
    func deliver(_ deliveries: [Delivery]) -> MonotonicTime? {
        let now = MonotonicTime.now
        let (matches, nextDue) = state.withContents { state in
            state.buffer.append(deliveries, at: now)
            var matches: [(DeliveryBuffer.Waiter, DeliveryBuffer.Portion)] = []
            while let match = state.buffer.match(at: now) { matches.append(match) }
            return (matches, state.buffer.nextDue(after: now))
        }
        for (waiter, portion) in matches { waiter.resume(returning: batch(portion)) }
        return nextDue
    }

    /// Messages that were delivered but will not be taken.
    func takeUnwanted() -> [Delivery] {
        state.withContents { $0.buffer.removeAll() }
    }

    /// No more deliveries come.
    func stopped() {
        let waiters = state.withContents { state in
            state.hasStopped = true
            defer { state.stopWaiters = [] }
            return state.stopWaiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// The thread ends; returns the commands nobody will carry out.
    func ended() -> [Command] {
        stopped()
        return state.withContents { state in
            state.hasEnded = true
            defer { state.commands = [] }
            return state.commands
        }
    }
}

extension RabbitMQError {
    /// The error that a settlement gets whose connection is gone.
    static var stale: RabbitMQError {
        RabbitMQError(.staleDelivery, "the connection of the delivery is gone; it will be delivered again")
    }
}
