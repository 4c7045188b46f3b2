import Glibc

/// A name in an Erlang port mapper (`epmd`) that leads to a port of our choice, for as long as this lives.
final class PortMapperEntry: Sendable {
    /// The port mapper did not take the name.
    struct Refused: Error {
        let name: String
    }

    private let descriptor: Int32

    /// - Parameters:
    ///   - name: A node's name, before the `@`.
    ///   - port: Where it is reached.
    ///   - mapper: The port mapper's own port.
    init(_ name: String, at port: Int, in mapper: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(mapper).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        // ALIVE2_REQ: an ordinary node (77) over TCP (0), protocols 6 to 5, no further data.
        var request: [UInt8] = [120] + Self.bytes(port) + [77, 0] + Self.bytes(6) + Self.bytes(5)
        request += Self.bytes(name.utf8.count) + Array(name.utf8) + Self.bytes(0)
        request = Self.bytes(request.count) + request
        var answer: [UInt8] = [0, 1]
        guard isConnected, send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count,
            recv(descriptor, &answer, 2, Int32(MSG_WAITALL)) == 2, answer[1] == 0
        else { throw Refused(name: name) }
    }

    /// The port mapper forgets the name when the connection ends.
    deinit { close(descriptor) }

    private static func bytes(_ number: Int) -> [UInt8] {
        [UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number)]
    }
}
