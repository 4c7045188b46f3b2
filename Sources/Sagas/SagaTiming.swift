/// A saga's patience.
public struct SagaTiming: Sendable {
    /// Undecided for so long, a saga is cancelled. Long enough for a broker to come back.
    public var deadline: Duration = .seconds(15 * 60)
    /// The first wait before a message is sent again; it doubles with every resend.
    public var firstResend: Duration = .seconds(5)
    /// The longest wait between resends.
    public var longestResend: Duration = .seconds(300)
    /// How often the sweeper looks for sagas that are due.
    public var sweepInterval: Duration = .seconds(1)

    public init() {}
}

extension Duration {
    /// The duration in seconds, as PostgreSQL's `make_interval` takes them.
    var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
