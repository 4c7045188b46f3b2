/// A saga's patience.
public struct SagaTiming: Sendable {
    /// Undecided for so long, a saga is cancelled. Long enough for a broker to come back.
    public var deadline: Duration
    /// The first wait before a message is sent again; it doubles with every resend.
    public var firstResend: Duration
    /// The longest wait between resends.
    public var longestResend: Duration = .seconds(300)
    /// The interval at which the sweeper looks for sagas that are due.
    public var sweepInterval: Duration

    public init(deadline: Duration, firstResend: Duration, sweepInterval: Duration) {
        self.deadline = deadline
        self.firstResend = firstResend
        self.sweepInterval = sweepInterval
    }
}

extension Duration {
    /// The duration in seconds, as PostgreSQL's `make_interval` takes them.
    var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
