import Glibc

/// An address to connect to.
struct RedisAddress: Sendable {
    private let storage: sockaddr_storage
    private let length: socklen_t

    /// The family, for `socket`.
    var family: Int32 { Int32(storage.ss_family) }

    /// All addresses of a host.
    ///
    /// - Parameter isNumeric: Takes an address only; else a name is looked up, which may block the thread for long.
    /// - Throws: `RedisError` of kind `unavailable`.
    static func resolve(_ endpoint: RedisEndpoint, isNumeric: Bool) throws(RedisError) -> [RedisAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = isNumeric ? AI_NUMERICHOST : AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(endpoint.host, String(endpoint.port), &hints, &list)
        guard status == 0, let first = list else {
            let reason = status == EAI_SYSTEM ? strerror(errno) : UnsafeMutablePointer(mutating: gai_strerror(status))
            throw RedisError(kind: .unavailable, message: reason.map { String(cString: $0) } ?? "unknown host")
        }
        defer { freeaddrinfo(first) }
        var addresses: [RedisAddress] = []
        var next: UnsafeMutablePointer<addrinfo>? = first
        while let entry = next {
            if let address = RedisAddress(entry.pointee) { addresses.append(address) }
            next = entry.pointee.ai_next
        }
        return addresses
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

    /// Begins to connect a socket to it; the result is that of the system call.
    func connect(_ descriptor: Int32) -> Int32 {
        withUnsafePointer(to: storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, length) }
        }
    }
}
