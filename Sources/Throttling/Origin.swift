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
    ///
    /// An IPv4 address is one of its own. Of IPv6 a customer gets a /64, a /56 or a /48 and has all addresses of it to
    /// choose from, so all three are counted; the wider ones may be shared, and have larger limits.
    public static func networks(of address: String?) -> [Origin] {
        guard let address, let known = NetworkAddress(address) else { return [Origin(name: "unknown", share: 1)] }
        func name(_ count: Int) -> String { known.bytes.prefix(count).map { String($0) }.joined(separator: ".") }
        guard known.bytes.count == 16 else { return [Origin(name: name(4), share: 1)] }
        return [
            Origin(name: "\(name(8))/64", share: 1), Origin(name: "\(name(7))/56", share: 4),
            Origin(name: "\(name(6))/48", share: 16),
        ]
    }

    /// The same within a session that is signed in: others who come from its networks do not use up its share.
    public static func session(_ identity: Identity, at address: String?) -> [Origin] {
        [Origin(name: "session:\(identity.tokenID)", share: 1)]
            + networks(of: address).map { Origin(name: $0.name, share: $0.share * 4) }
    }
}
