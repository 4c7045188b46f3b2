/// A host where a server may be, and its TCP port.
package struct Endpoint: Sendable, Equatable, CustomStringConvertible {
    /// The host's name or address.
    package var host: String
    package var port: UInt16

    package init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// As in a URL.
    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
