import Logging
import ServiceLifecycle
import Synchronization
import Telemetry

/// Stopping took longer than it may; what was still running was cancelled.
public struct ShutdownTimeout: Error, Sendable, CustomStringConvertible {
    /// The time it was allowed to take.
    public let grace: Duration
    /// The parts that were still running; those that had not been told to stop yet come last.
    public let parts: [String]

    public var description: String {
        "stopping took longer than \(grace); what was still running was cancelled: \(parts.joined(separator: ", "))"
    }
}

/// The notes taken of a process that is stopping.
final class ShutdownRecord: Sendable {
    private let state = Mutex((hasBegun: false, cut: Set<String>()))

    func begin() { state.withLock { $0.hasBegun = true } }

    /// Notes that a part was cancelled; while stopping, that is because the grace is over.
    func noteCancelled(_ part: String) {
        state.withLock { state in
            if state.hasBegun { state.cut.insert(part) }
        }
    }

    /// The parts that had to be cut short.
    var cut: Set<String> { state.withLock { $0.cut } }
}

/// Stops first: says that the process is not ready, and gives those who send requests the time to notice.
struct Drain: Service {
    let health: HealthMonitor
    let delay: Duration
    let record: ShutdownRecord
    let logger: Logger

    func run() async throws {
        // Throws if the process is cancelled as a whole.
        try await gracefulShutdown()
        record.begin()
        // Nobody sends requests to a process that never was ready.
        let wasReady = await health.hasBeenReady
        await health.beginDraining()
        guard wasReady, delay > .zero else { return }
        logger.info("draining", [.delay: "\(delay)"])
        try await Task.sleep(for: delay)
    }
}

/// Ends the process without any ceremony.
enum ForcedExit {
    /// The exit code of a failure.
    private static let code: Int32 = 1

    static func now() -> Never { ProcessEnd.now(code) }

    /// Ends the process after a while if it still runs, even if something holds up every task.
    static func after(_ delay: Duration, logger: Logger) {
        Task.detached {
            try? await Task.sleep(for: delay)
            logger.critical("stopping took too long")
            now()
        }
    }
}

extension Role {
    /// The order of stopping: whoever calls others stops before them.
    var stopRank: Int {
        switch self {
        case .gateway: 0
        case .orders: 1
        case .customers: 2
        case .reviews: 3
        case .products: 4
        }
    }
}

/// A part of the process, which may not end before it is told to.
struct Part: Service {
    var name: String
    var service: any Service
    var record: ShutdownRecord

    func run() async throws {
        defer { if Task.isCancelled { record.noteCancelled(name) } }
        do {
            try await service.run()
        } catch is CancellationError where Task.isShuttingDownGracefully || Task.isCancelled {
            // The way in which many a loop ends when it is told to.
            return
        }
        guard Task.isShuttingDownGracefully || Task.isCancelled else { throw UnexpectedEnd(part: name) }
    }

    /// Whatever part fails, the others stop in their order.
    var configuration: ServiceGroupConfiguration.ServiceConfiguration {
        .init(
            service: self, successTerminationBehavior: .gracefullyShutdownGroup,
            failureTerminationBehavior: .gracefullyShutdownGroup, serviceName: name)
    }
}

/// A part of the process ended by itself, though it should run as long as the process.
public struct UnexpectedEnd: Error, Sendable, CustomStringConvertible {
    /// The part's name.
    public let part: String

    public var description: String { "\(part) has ended by itself" }
}
