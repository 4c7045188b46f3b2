import Glibc
import Testing

/// A port of this machine that nobody answers at, and nobody else can take while this exists.
final class DeafPort: Sendable {
    let port: Int
    private let descriptor: Int32

    /// - Parameter isListening: Whether connections are taken, for nobody to speak on.
    init(isListening: Bool = false) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        try #require(descriptor >= 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) == 0 && getsockname(descriptor, address, &length) == 0
            }
        }
        self.descriptor = descriptor
        self.port = Int(UInt16(bigEndian: address.sin_port))
        try #require(isBound && (!isListening || listen(descriptor, 16) == 0))
    }

    deinit { close(descriptor) }
}
