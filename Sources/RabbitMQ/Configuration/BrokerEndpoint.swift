/// A host of a broker: one node of several, or a name for some of them.
struct BrokerEndpoint: Sendable, Equatable, CustomStringConvertible {
    /// The host's name or address.
    var host: String
    /// Its TCP port.
    var port: Int

    /// As in a URL.
    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
