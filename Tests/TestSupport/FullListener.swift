import Glibc

/// A port of 127.0.0.1 whose queue of new connections is full, so that connecting to it gets no answer at all, as
/// behind a firewall that drops packets.
public final class FullListener: Sendable {
    /// The system gave no port.
    public struct Failed: Error {}

    /// Where nobody gets an answer.
    public let port: Int
    private let descriptors: [Int32]

    /// Listens, and fills the queue.
    public init() throws {
        let listener = Self.socket()
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(listener, raw, length) == 0 && listen(listener, 0) == 0
                    && getsockname(listener, raw, &length) == 0
            }
        }
        guard isBound else { throw Failed() }
        port = Int(UInt16(bigEndian: address.sin_port))
        // A queue of length zero takes one connection; the others wait for room, for ever.
        let clients = (0..<4).map { _ in Self.socket() }
        for client in clients {
            _ = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(client, $0, length) }
            }
        }
        descriptors = clients + [listener]
    }

    /// Gives the port back.
    public func close() {
        for descriptor in descriptors { Glibc.close(descriptor) }
    }

    private static func socket() -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        return Glibc.socket(AF_INET, kind, 0)
    }
}
