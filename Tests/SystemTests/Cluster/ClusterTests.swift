import DevStack
import Glibc
import TestSupport
import Testing

extension SystemTests {
    /// Two processes of every role on the servers of several hosts, under load, while hosts fail.
    @Suite(.enabled(if: getenv("SHOPCTL_TEST_CLUSTER") != nil, "make test-cluster runs it"))
    struct ClusterTests {
        @Test("Past one machine nothing acknowledged is lost, whichever server fails")
        func cluster() async throws {
            try await Cluster.run { cluster in
                let settings = ["SHOPCTL_RPC_DEADLINE": "5", "SHOPCTL_SAGA_DEADLINE": "120"]
                let shop = try await Shop.prepare(
                    .twoOfEach, on: cluster.fixture, settings: settings, places: cluster.spread
                ) { index, own in cluster.rotate(own, by: index) }
                #expect(try await cluster.brokers[0].fewestCopies() == 3, "every queue is on every node")
                try await shop.run { try await run(shop, cluster) }
            }
        }

        private func run(_ shop: Shop, _ cluster: Cluster) async throws {
            let load = try await ChaosLoad(shop, seed: 20)
            let marks = try await load.run {
                try await ClusterFaults(cluster: cluster, history: load.history).run()
            }
            try await load.judge()
            let pauses = try await ClusterPauses.measure(marks, load.history, in: shop)
            print("cluster: \(load.summary)\n\(ClusterPauses.table(pauses))")
            #expect(load.history.violations.isEmpty, "\(load.history.violations.joined(separator: "\n"))")
        }
    }
}
