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

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The range that one client has for certain: of an IPv6 address the first half, since it can choose all of the
    /// other.
    var network: NetworkAddress {
        bytes.count == 16 ? NetworkAddress(bytes: bytes.prefix(8) + [UInt8](repeating: 0, count: 8)) : self
    }
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
