/// The time a failed message waits before it is tried again; each delay has a queue of its own.
public enum RetryDelay: String, Sendable, CaseIterable {
    case fiveSeconds = "5s"
    case thirtySeconds = "30s"
    case fiveMinutes = "300s"

    /// The delay in milliseconds, as the queue's TTL.
    public var milliseconds: Int64 {
        switch self {
        case .fiveSeconds: 5_000
        case .thirtySeconds: 30_000
        case .fiveMinutes: 300_000
        }
    }
}

/// The number of times a failing message is tried before it is given up on.
public struct RetryPolicy: Sendable {
    /// The wait after each failure, in order; one more failure than there are delays exhausts the message.
    public let delays: [RetryDelay]

    public init(delays: [RetryDelay]) {
        self.delays = delays
    }

    /// Three quick tries, three slower, then four spread over twenty minutes.
    public static let standard = RetryPolicy(
        delays: [
            .fiveSeconds, .fiveSeconds, .fiveSeconds, .thirtySeconds, .thirtySeconds, .thirtySeconds,
            .fiveMinutes, .fiveMinutes, .fiveMinutes, .fiveMinutes,
        ])

    /// The wait before the next try, or nil when there is none.
    ///
    /// - Parameter failures: How many times the message has failed, this time included; at least 1.
    public func delay(afterFailures failures: Int) -> RetryDelay? {
        delays.indices.contains(failures - 1) ? delays[failures - 1] : nil
    }
}
