public import Logging
import Synchronization

/// The log of a loop that runs for ever: one line when it is held up, one for each new cause, one when it goes on.
///
/// A loop that fails a hundred times for the same reason has nothing new to say ninety-nine times; how often it failed
/// is told at the end.
public final class LoopLog: Sendable {
    private struct State {
        var since: ContinuousClock.Instant?
        var failures = 0
        var causes: Set<String> = []
    }

    /// The most causes of one outage that are told apart.
    private static let causeLimit = 8

    private let loop: String
    private let logger: Logger
    private let state = Mutex(State())

    /// - Parameter loop: What is held up, as in `the outbox relay`.
    public init(_ loop: String, logger: Logger) {
        self.loop = loop
        self.logger = logger
    }

    /// Notes a failure.
    public func heldUp(_ error: any Error, metadata: Logger.Metadata = [:]) {
        let isNew = state.withLock { state in
            state.failures += 1
            if state.since == nil { state.since = .now }
            guard state.causes.count < Self.causeLimit else { return false }
            return state.causes.insert(Self.cause(of: error)).inserted
        }
        guard isNew else { return }
        logger.warning(
            "\(loop) is held up", metadata: metadata.merging(["error": "\(error)"]) { _, error in error })
    }

    /// Notes that it works, again or still.
    public func goesOn() {
        let outage = state.withLock { state -> (failures: Int, lasted: Duration)? in
            guard let since = state.since else { return nil }
            let outage = (state.failures, ContinuousClock.now - since)
            state = State()
            return outage
        }
        guard let outage else { return }
        logger.info(
            "\(loop) goes on",
            metadata: ["failures": "\(outage.failures)", "seconds": "\(outage.lasted.components.seconds)"])
    }

    /// The error's text without what differs from one time to the next: ports, counts, process ids.
    private static func cause(of error: any Error) -> String {
        String("\(error)".filter { !$0.isNumber }.prefix(160))
    }
}
