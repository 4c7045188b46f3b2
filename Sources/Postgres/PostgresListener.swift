import DriverSupport
import Logging

/// Keeps one connection listening and hands on what it hears.
struct PostgresListener: Sendable {
    let statements: [PostgresQuery]
    let configuration: PostgresConfiguration
    let logger: Logger
    let metrics: DriverMetrics
    let continuation: AsyncThrowingStream<PostgresNotification, any Error>.Continuation

    /// Runs until the task is cancelled.
    func run() async {
        var backoff = Backoff.reconnecting
        while !Task.isCancelled {
            let loop = ConnectionLoop(
                role: .listening { [continuation] channel, payload in
                    let result = continuation.yield(.message(channel: channel, payload: payload))
                    if case .dropped = result { continuation.yield(.resynchronise) }
                }, configuration: configuration, logger: logger, metrics: metrics)
            await withTaskCancellationHandler {
                do {
                    _ = try await loop.run(.statements(statements), effect: .read, site: nil)
                    backoff.reset()
                    continuation.yield(.resynchronise)
                } catch {
                    logger.warning("cannot listen", metadata: ["error": "\(error)"])
                    loop.abort()
                }
                await loop.waitForTermination()
            } onCancel: {
                loop.abort()
            }
            try? await Task.sleep(for: backoff.next())
        }
        continuation.finish()
    }
}
