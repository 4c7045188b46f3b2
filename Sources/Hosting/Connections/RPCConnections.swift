/// The connections of other processes that a gRPC listener takes.
public struct RPCConnections: Sendable, Hashable {
    /// The most in all.
    public var total = ConnectionBudget.most.rpc
    /// The most of one address. A process has two for each role that it calls.
    public var perClient = ConnectionBudget.most.rpc / 2
    /// The time in which a caller must begin to speak.
    public var firstBytes: Duration = .seconds(15)
    /// The time in which a caller must begin its first call.
    public var firstCall: Duration = .seconds(30)
    /// The longest time without a call after that. Peers ask for each other's health every few seconds.
    public var idle: Duration = .seconds(120)
    /// The time in which a caller must close a connection that it was told to.
    public var farewell: Duration = .seconds(5)
    /// The time in which the request of a call must come.
    public var request: Duration = .seconds(15)
    /// The most calls of a connection that watch the health; a caller watches once, or each service.
    public var watches = 16
    /// The longest such a call lasts: its caller asks again.
    public var watchLife: Duration = .seconds(3600)

    /// The usual ones.
    public init() {}
}
