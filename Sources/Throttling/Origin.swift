public import Hosting

/// The key that a request is counted by: a session, an address or a network of addresses.
public struct Origin: Sendable, Hashable {
    /// Tells it from all others.
    public let name: String
    /// The factor by which its limit is that of a single client.
    public let share: Int64
}

extension [Origin] {
    /// The networks that an address belongs to, from the narrowest to the widest.
    public static func networks(of address: String?) -> [Origin] {
        guard let address, let known = NetworkAddress(address) else { return [Origin(name: "unknown", share: 1)] }
        return known.networks.map { network in
            let name = network.prefix.map { String($0) }.joined(separator: ".")
            let isWhole = network.prefix.count == known.bytes.count
            return Origin(
                name: isWhole ? name : "\(name)/\(network.prefix.count * 8)", share: Int64(network.share))
        }
    }

    /// The same within a session that is signed in: others who come from its networks do not use up its share.
    public static func session(_ identity: Identity, at address: String?) -> [Origin] {
        [Origin(name: "session:\(identity.tokenID)", share: 1)]
            + networks(of: address).map { Origin(name: $0.name, share: $0.share * 4) }
    }
}
