/// A host where Redis may be: one of several, of which the one that can be written is wanted.
struct RedisEndpoint: Sendable, Equatable, CustomStringConvertible {
    /// The host's name or address.
    var host: String
    /// Its TCP port.
    var port: UInt16

    /// As in a URL.
    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
