import Glibc

/// An IP address. An IPv4 address that is written as an IPv6 one (`::ffff:10.0.0.1`) is the IPv4 address.
public struct NetworkAddress: Sendable, Hashable {
    /// 4 bytes for IPv4, 16 for IPv6.
    public let bytes: [UInt8]

    /// Reads an address as it is written; `nil` if the text is none.
    public init?(_ text: some StringProtocol) {
        let text = String(text)
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            bytes = withUnsafeBytes(of: &four) { Array($0) }
            return
        }
        var six = in6_addr()
        guard inet_pton(AF_INET6, text, &six) == 1 else { return nil }
        let all = withUnsafeBytes(of: &six) { Array($0) }
        let isMapped = all[..<10].allSatisfy { $0 == 0 } && all[10] == 0xFF && all[11] == 0xFF
        bytes = isMapped ? Array(all[12...]) : all
    }

    /// The networks that the address belongs to, from the narrowest to the widest.
    ///
    /// An IPv4 address is one of its own. Of IPv6 a customer gets a /64, a /56 or a /48 and has all addresses of it to
    /// choose from, so all three are counted; the wider ones may be shared, and have larger limits.
    public var networks: [ClientNetwork] {
        guard bytes.count == 16 else { return [ClientNetwork(prefix: bytes, share: 1)] }
        return [(8, 1), (7, 4), (6, 16)].map { ClientNetwork(prefix: Array(bytes.prefix($0)), share: $1) }
    }
}

/// A network whose addresses may all be one client's.
public struct ClientNetwork: Sendable, Hashable {
    /// The bytes that its addresses begin with.
    public let prefix: [UInt8]
    /// The factor by which its limit is that of a single client.
    public let share: Int
}

/// The IP addresses that begin alike, as in `10.0.0.0/8`; a single address is a range of one.
public struct AddressRange: Sendable, Hashable {
    private let start: [UInt8]
    private let length: Int

    /// Reads `address` or `address/length`; `nil` if it is neither.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first.flatMap({ NetworkAddress($0) }) else { return nil }
        start = address.bytes
        guard parts.count == 2 else {
            length = address.bytes.count * 8
            return
        }
        let digits = parts[1]
        guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let length = Int(digits), (0...address.bytes.count * 8).contains(length)
        else { return nil }
        self.length = length
    }

    /// Whether the address is one of them.
    public func contains(_ address: NetworkAddress) -> Bool {
        guard address.bytes.count == start.count else { return false }
        let whole = length / 8
        guard address.bytes[..<whole] == start[..<whole] else { return false }
        let rest = length % 8
        if rest == 0 { return true }
        let mask = UInt8(truncatingIfNeeded: 0xFF << (8 - rest))
        return address.bytes[whole] & mask == start[whole] & mask
    }
}
