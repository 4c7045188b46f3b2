/// The connections of each client to one listener.
struct ClientCounts {
    private let total: Int
    private let perClient: Int
    private var counts: [ClientNetwork: Int] = [:]

    /// - Parameters:
    ///   - total: The most that the listener may have.
    ///   - perClient: The most of an IPv4 address, or of a /64 of IPv6.
    init(total: Int, perClient: Int) {
        self.total = total
        self.perClient = perClient
    }

    /// The first of these networks that has no room for another connection; nil if all have.
    func full(among networks: [ClientNetwork]) -> ClientNetwork? {
        networks.first { counts[$0, default: 0] >= limit(of: $0) }
    }

    mutating func enter(_ networks: [ClientNetwork]) {
        for network in networks { counts[network, default: 0] += 1 }
    }

    mutating func leave(_ networks: [ClientNetwork]) {
        for network in networks {
            let left = counts[network, default: 1] - 1
            counts[network] = left > 0 ? left : nil
        }
    }

    /// Wider networks leave a quarter of the places to others, unless a single client need not.
    private func limit(of network: ClientNetwork) -> Int {
        guard network.share > 1, perClient < total else { return perClient }
        return max(perClient, min(perClient * network.share, total - total / 4))
    }
}
