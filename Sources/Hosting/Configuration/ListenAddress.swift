import Glibc

/// The address at which a server listens: an IP address and a port, or nowhere.
public enum ListenAddress: Sendable, Hashable {
    /// Not at all: the role is reached within its process only.
    case off
    /// On that address; port 0 means any free port.
    case on(HostPort)

    /// Reads `off`, `ip:port` or `localhost:port`; `nil` if it is none of these.
    public init?(_ text: String) {
        if text == "off" {
            self = .off
            return
        }
        guard var pair = HostPort(text) else { return nil }
        if pair.host == "localhost" { pair.host = "127.0.0.1" }
        guard Self.isIPv4(pair.host) || Self.isIPv6(pair.host) else { return nil }
        self = .on(pair)
    }

    static func isIPv4(_ host: String) -> Bool {
        var address = in_addr()
        return inet_pton(AF_INET, host, &address) == 1
    }

    static func isIPv6(_ host: String) -> Bool {
        var address = in6_addr()
        return inet_pton(AF_INET6, host, &address) == 1
    }
}
