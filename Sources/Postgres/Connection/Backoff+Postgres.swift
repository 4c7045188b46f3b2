import DriverSupport

extension Backoff {
    /// For connections.
    static var reconnecting: Backoff { Backoff(.milliseconds(50) ... .seconds(2)) }
    /// For transactions that lost a race.
    static var conflict: Backoff { Backoff(.milliseconds(5) ... .milliseconds(250)) }
}
