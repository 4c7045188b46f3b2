import DriverSupport
import Glibc
import Logging
import Metrics
import Synchronization

extension ConnectionDriver {
    private enum Attempt {
        case connected(LibpqConnection, ConnectionPlace)
        case failed(PostgresError)
        /// Nobody waits for it any more.
        case abandoned
    }

    /// Tries the places one after the other, each for its time, until one of them takes the connection.
    func connect() {
        let epoch = loop.memory.epoch
        var places = ConnectionPlace.all(loop.configuration.libpqParameters)
        if !loop.configuration.takesAnyServer { places = loop.memory.ordered(places) }
        var failures: [PostgresError] = []
        for place in places {
            switch attempt(place) {
            case .abandoned: return
            case .connected(let new, let place):
                loop.memory.connected(to: place)
                return connected(new, epoch: epoch)
            case .failed(let error):
                failures.append(error)
                // A server that has refused these credentials is the right one.
                if !error.isRetryable { return connectFailed(error) }
            }
        }
        connectFailed(Self.summary(failures))
    }

    private static func summary(_ failures: [PostgresError]) -> PostgresError {
        var summary = failures.last ?? PostgresError(.connection, "no host to connect to", isRetryable: true)
        var messages: [String] = []
        for failure in failures where !messages.contains(failure.message) { messages.append(failure.message) }
        summary.message = messages.joined(separator: "; ")
        if !failures.allSatisfy({ $0.kind == .timeout }) { summary.kind = .connection }
        return summary
    }

    private func attempt(_ place: ConnectionPlace) -> Attempt {
        let deadline = MonotonicTime.now + loop.configuration.connectTimeout
        guard let candidate = LibpqConnection(place.parameters, logger: loop.logger) else {
            return .failed(PostgresError(.connection, "out of memory", isRetryable: true))
        }
        var progress = candidate.initialProgress()
        while true {
            switch progress {
            case .connected: return .connected(candidate, place)
            case .failed(let error): return .failed(error)
            case .waitsToRead, .waitsToWrite:
                var events = POLLOUT
                if case .waitsToRead = progress { events = POLLIN }
                let ready = loop.wait(for: events, of: candidate.socket, until: deadline)
                takeInbox()
                if phase == .aborted || waiting.isEmpty { return .abandoned }
                if ready != 0 {
                    progress = candidate.continueConnecting()
                } else if deadline <= .now {
                    let server = loop.configuration.redacted
                    let message = "no connection to \(server) within \(loop.configuration.connectTimeout)"
                    return .failed(PostgresError(.timeout, message, isRetryable: true))
                }
            }
        }
    }

    private func connected(_ new: LibpqConnection, epoch: Int) {
        connection = new
        connectionNumber += 1
        self.epoch = epoch
        loop.judge { $0.epoch = epoch }
        loop.load.note(isConnected: true)
        sessionTimeout = .configured
        transactionTimeout = nil
        cache = StatementCache()
        hasUnsentBytes = false
        backoff.reset()
        connectNotBefore = nil
        loop.statistics.connects.add(1, ordering: .releasing)
        loop.metrics.connects.increment()
        if hasConnected { loop.metrics.reconnects.increment() }
        hasConnected = true
        loop.logger.debug(
            "connected to PostgreSQL",
            metadata: ["server": "\(loop.configuration.redacted)", "backend": "\(new.backendPID)"])
    }

    private func connectFailed(_ error: PostgresError) {
        loop.logger.warning(
            "cannot connect to PostgreSQL",
            metadata: ["server": "\(loop.configuration.redacted)", "error": "\(error.message)"])
        connectNotBefore = .now + backoff.next()
        var units = waiting.removeAll().map(\.unit)
        if !isShared {
            hasEnded = true
            units += loop.terminate(error)
        }
        for unit in units { unit.fail(error) }
    }
}
