/// The part that a stack has in a cluster of several stacks, each of which stands for a host.
///
/// PostgreSQL and Redis follow those of the first from their start. The broker's nodes begin alone and are put together
/// by ``BrokerControl/join(_:)``: each has a port mapper of its own, in which the others must be entered first.
public struct ClusterMember: Sendable {
    /// Names the broker's node: `rabbit2@localhost`. One that is alone in its cluster has 1.
    public var number: Int
    /// The stack to follow, whose passwords and Erlang cookie are taken over; nil for the first.
    public var leader: DevStackState?

    public init(number: Int, following leader: DevStackState? = nil) {
        self.number = number
        self.leader = leader
    }

    var nodeName: String { "rabbit\(number)@localhost" }
}
