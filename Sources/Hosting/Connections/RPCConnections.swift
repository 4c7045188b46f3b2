/// The connections of other processes that a gRPC listener takes.
public struct RPCConnections: Sendable, Hashable {
    /// How many there may be.
    public var total = 1000
    /// How long a caller may take to begin to speak.
    public var firstBytes: Duration = .seconds(15)

    /// The usual ones.
    public init() {}
}
