public import ServiceLifecycle

/// Does something again and again, until the process stops.
public struct Repetition: Service {
    private let interval: Duration
    private let body: @Sendable () async -> Void

    /// - Parameter interval: The time between an end and the next begin.
    public init(every interval: Duration, _ body: @escaping @Sendable () async -> Void) {
        self.interval = interval
        self.body = body
    }

    /// Runs until shut down.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await body()
                try? await Task.sleep(for: interval)
            }
        }
    }
}
