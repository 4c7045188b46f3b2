import HTTPTypes
import Hosting

/// The proxies before the gateway whose word on a client is taken.
struct TrustedProxies: Sendable {
    static let none = TrustedProxies([])

    private let ranges: [AddressRange]

    init(_ ranges: [AddressRange]) {
        self.ranges = ranges
    }

    /// The client's address: the socket's, or, if that is a trusted proxy's, the rightmost address in
    /// `X-Forwarded-For` that is not. What stands left of it anybody can have written.
    func client(peer: String?, _ headers: HTTPFields) -> String? {
        guard var client = peer, !ranges.isEmpty else { return peer }
        let entries = headers[values: .forwardedFor].flatMap { $0.split(separator: ",") }
        for entry in entries.reversed() {
            guard trusts(client), let address = Self.address(entry) else { break }
            client = address
        }
        return client
    }

    /// Whether the client's way to the first trusted proxy is encrypted, as far as is known.
    func isSecure(peer: String?, _ headers: HTTPFields) -> Bool {
        guard let peer, trusts(peer) else { return false }
        return headers[values: .forwardedProto].last?.split(separator: ",").last?.trimmingBlanks() == "https"
    }

    private func trusts(_ address: String) -> Bool {
        guard !ranges.isEmpty, let address = NetworkAddress(address) else { return false }
        return ranges.contains { $0.contains(address) }
    }

    /// The address of an entry, which some proxies write with a port; nil if it is none.
    private static func address(_ entry: Substring) -> String? {
        let text = entry.trimmingBlanks()
        if NetworkAddress(text) != nil { return String(text) }
        if text.first == "[", let end = text.firstIndex(of: "]") {
            let inner = text[text.index(after: text.startIndex)..<end]
            return NetworkAddress(inner) == nil ? nil : String(inner)
        }
        let host = text.prefix { $0 != ":" }
        return NetworkAddress(host) == nil ? nil : String(host)
    }
}
