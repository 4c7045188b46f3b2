import Logging
import Synchronization

/// The listeners of a client: each a task that keeps a connection listening.
final class ListenerRegistry: Sendable {
    private struct State {
        var tasks: [UInt64: Task<Void, Never>] = [:]
        var nextID: UInt64 = 0
        var isClosed = false
    }

    /// Notifications that wait for their reader; with more the oldest are dropped and told of as missed.
    private static let bufferSize = 1024

    private let state = Mutex(State())

    func listen(
        _ channels: [String], configuration: PostgresConfiguration, logger: Logger, metrics: DriverMetrics
    ) -> AsyncThrowingStream<PostgresNotification, any Error> {
        let (stream, continuation) = AsyncThrowingStream.makeStream(
            of: PostgresNotification.self, bufferingPolicy: .bufferingNewest(Self.bufferSize))
        let statements: [PostgresQuery]
        do {
            statements = try channels.map { try Self.listenStatement($0) }
        } catch {
            continuation.finish(throwing: error)
            return stream
        }
        let id = state.withLock { state -> UInt64? in
            if state.isClosed { return nil }
            state.nextID += 1
            return state.nextID
        }
        guard let id else {
            continuation.finish(throwing: PostgresError.closed())
            return stream
        }
        let listener = PostgresListener(
            statements: statements, configuration: configuration, logger: logger, metrics: metrics,
            continuation: continuation)
        let task = Task {
            await listener.run()
            self.state.withLock { _ = $0.tasks.removeValue(forKey: id) }
        }
        continuation.onTermination = { _ in task.cancel() }
        state.withLock { state in
            if state.isClosed { task.cancel() }
            state.tasks[id] = task
        }
        return stream
    }

    func cancelAll() {
        let tasks = state.withLock { state in
            state.isClosed = true
            return Array(state.tasks.values)
        }
        for task in tasks { task.cancel() }
    }

    func waitForAll() async {
        for task in state.withLock({ Array($0.tasks.values) }) { await task.value }
    }

    private static func listenStatement(_ channel: String) throws -> PostgresQuery {
        guard !channel.isEmpty, channel.utf8.count <= 63, !channel.utf8.contains(0) else {
            throw PostgresError(.usage, "a channel's name has from 1 to 63 bytes")
        }
        let quoted = channel.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
        return PostgresQuery(unsafeSQL: "LISTEN \"\(quoted)\"")
    }
}
