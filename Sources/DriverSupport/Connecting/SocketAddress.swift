import Glibc

/// An address to connect to.
package struct SocketAddress: Sendable {
    /// Which of a host's addresses are wanted.
    package enum Lookup: Sendable {
        /// Those of the families that this machine has an address of.
        case reachable
        case all
        /// None but the host itself, if it is an address: nothing is asked of anybody.
        case numeric
    }

    private let storage: sockaddr_storage
    private let length: socklen_t

    /// The addresses of a host, in the order they should be tried in. A look-up of a name blocks the calling thread, maybe
    /// for long.
    ///
    /// - Throws: `SystemError` if there are none.
    package static func resolve(
        host: String, port: UInt16? = nil, _ lookup: Lookup = .reachable
    ) throws(SystemError) -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags =
            switch lookup {
            case .reachable: AI_ADDRCONFIG
            case .all: 0
            case .numeric: AI_NUMERICHOST
            }
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, port.map { String($0) }, &hints, &list)
        guard status == 0, let first = list else {
            if status == EAI_SYSTEM { throw SystemError(errno: errno) }
            throw SystemError(gai_strerror(status).map { String(cString: $0) } ?? "unknown host")
        }
        defer { freeaddrinfo(first) }
        return sequence(first: first, next: \.pointee.ai_next).compactMap { SocketAddress($0.pointee) }
    }

    private init?(_ entry: addrinfo) {
        guard let address = entry.ai_addr, Int(entry.ai_addrlen) <= MemoryLayout<sockaddr_storage>.size else {
            return nil
        }
        var storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) { bytes in
            bytes.copyMemory(from: UnsafeRawBufferPointer(start: address, count: Int(entry.ai_addrlen)))
        }
        self.storage = storage
        length = entry.ai_addrlen
    }

    /// The host as a number, as in `127.0.0.1` or `::1`; nil if it cannot be told.
    package var numericHost: String? {
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let status = withAddress { getnameinfo($0, length, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) }
        guard status == 0 else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Begins to connect a socket of the caller's, which does not block; once it can be written, see
    /// ``finishConnecting(_:)``.
    ///
    /// - Throws: `SystemError` if that has failed already, or the process has no descriptor left.
    package func beginConnecting() throws(SystemError) -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(Int32(storage.ss_family), kind, 0)
        guard descriptor >= 0 else { throw SystemError(errno: errno) }
        let status = withAddress { connect(descriptor, $0, length) }
        let reason = errno
        if status == 0 || reason == EINPROGRESS || reason == EINTR { return descriptor }
        close(descriptor)
        throw SystemError(errno: reason)
    }

    /// Tells how connecting has ended.
    ///
    /// - Throws: `SystemError` if there is no connection.
    package static func finishConnecting(_ descriptor: Int32) throws(SystemError) {
        var reason: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        if getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &reason, &size) != 0 { reason = errno }
        if reason != 0 { throw SystemError(errno: reason) }
    }

    private func withAddress<R>(_ body: (UnsafePointer<sockaddr>) -> R) -> R {
        withUnsafePointer(to: storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1, body)
        }
    }
}
