import DevStack
import TestSupport

/// The faults that a cluster is there to bear, one after the other. Each ends with everything in its place again: only
/// so has the broker a majority at the next one.
struct ClusterFaults: Sendable {
    /// A fault and when it began.
    struct Mark: Sendable {
        let fault: String
        let began: ContinuousClock.Instant
    }

    let cluster: Cluster
    let history: ChaosHistory

    /// Brings all of them about.
    ///
    /// - Returns: When each began, in order.
    func run() async throws -> [Mark] {
        var marks: [Mark] = []
        func bringAbout(_ fault: String, _ what: () async throws -> Void = {}) async throws {
            marks.append(Mark(fault: fault, began: .now))
            try await what()
            try await awaitOrders()
        }
        try await bringAbout("none")
        try await bringAbout("a broker node is killed") { try await killBroker(0) }
        try await bringAbout("another broker node is killed") { try await killBroker(1) }
        try await bringAbout("a broker node is cut off") { try await cutOffBroker(2) }
        try await bringAbout("the primary is killed, the standby promoted") { try await loseThePrimary() }
        try await bringAbout("Redis' master and replica change roles") { try await changeRolesOfRedis() }
        return marks
    }

    private func killBroker(_ node: Int) async throws {
        try await cluster.hosts[node].kill(.rabbitmq)
        try await awaitOrders()
        try await cluster.hosts[node].start(.rabbitmq)
        try await cluster.awaitAllNodes()
    }

    private func cutOffBroker(_ node: Int) async throws {
        cluster.links.cutOff(node)
        try await eventually("the node that is cut off stops serving", timeout: .seconds(120)) {
            try await !cluster.brokers[node].isServing()
        }
        try await cluster.awaitNodes(2)
        try await awaitOrders()
        cluster.links.heal()
        try await cluster.awaitAllNodes()
    }

    /// The primary is lost with commits that the standby does not have, which nobody may have been told of.
    ///
    /// It has ended, with all its backends, before the standby is promoted: there are never two. Nothing follows the new
    /// one, so that it waits for no standby.
    private func loseThePrimary() async throws {
        try await cluster.hosts[1].pause(.postgres)
        try await eventually("commits wait for the standby", timeout: .seconds(60)) {
            try await cluster.databases[0].execute(
                "SELECT count(*) >= 2 FROM pg_stat_activity WHERE wait_event = 'SyncRep'") == ["t"]
        }
        try await cluster.hosts[0].kill(.postgres)
        try await cluster.hosts[1].resume(.postgres)
        try await cluster.databases[1].execute("SELECT pg_promote()")
    }

    private func changeRolesOfRedis() async throws {
        let promoted = cluster.hosts[1].state.redis
        try await cluster.caches[1].execute("REPLICAOF", "NO", "ONE")
        try await cluster.caches[0].execute("REPLICAOF", promoted.host, "\(promoted.port)")
    }

    /// Returns when orders that have been asked for from now on are acknowledged.
    private func awaitOrders(_ count: Int = 20) async throws {
        let now = ContinuousClock.now
        try await eventually("orders are acknowledged", timeout: .seconds(180), interval: .milliseconds(50)) {
            history.orders.values.count { $0.asked > now && $0.acknowledged != nil } >= count
        }
    }
}
