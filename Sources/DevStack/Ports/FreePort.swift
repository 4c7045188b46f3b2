import Glibc
import Synchronization

/// Finds loopback ports nobody listens on.
enum FreePort {
    /// Those that this process has chosen: whoever was told of one may not have bound it yet, or bind it again.
    private static let chosen = Mutex<Set<Int>>([])

    /// A port that could be bound a moment ago, and none that was chosen before; another process may still take it
    /// first.
    ///
    /// Taken from below the range the kernel gives to outgoing connections: a client that keeps trying to reconnect
    /// to a stopped server on a port of that range may take the port itself, or even connect to itself.
    static func choose(avoiding taken: Set<Int> = []) throws(DevStackError) -> Int {
        let low = 10_240
        let high = min(firstOutgoingPort(), 32_768) - 1
        if high > low + 1_000 {
            for _ in 0..<200 {
                let port = Int.random(in: low...high)
                // Not even tried if it was chosen before: whoever has it may be binding it at this moment.
                if !taken.contains(port), isFirstChoice(port), bindable(port) != nil { return port }
            }
        }
        for _ in 0..<20 {
            if let port = bindable(0), !taken.contains(port), isFirstChoice(port) { return port }
        }
        throw .system(operation: "find a free loopback port", reason: "all that were tried are in use")
    }

    private static func isFirstChoice(_ port: Int) -> Bool { chosen.withLock { $0.insert(port).inserted } }

    /// The preferred port if it is free, else another.
    static func choose(preferring port: Int, avoiding taken: Set<Int>) throws(DevStackError) -> Int {
        if isFree(port, avoiding: taken) { return port }
        return try choose(avoiding: taken)
    }

    /// Whether a port could be bound a moment ago; 0 is none.
    static func isFree(_ port: Int, avoiding taken: Set<Int>) -> Bool {
        (1...65_535).contains(port) && !taken.contains(port) && bindable(port) != nil
    }

    /// Binds a loopback port and lets it go; 0 lets the kernel choose. `nil` if it is in use.
    private static func bindable(_ port: Int) -> Int? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        // As the servers do: connections that linger after a close do not keep a port from being listened on.
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = loopbackAddress(port: port)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) == 0 && listen(descriptor, 1) == 0
                    && getsockname(descriptor, generic, &length) == 0
            }
        }
        return bound ? Int(UInt16(bigEndian: address.sin_port)) : nil
    }

    private static func firstOutgoingPort() -> Int {
        guard let bytes = readSmallFile("/proc/sys/net/ipv4/ip_local_port_range") else { return 32_768 }
        let first = bytes.prefix { $0 >= 48 && $0 <= 57 }
        return Int(String(decoding: first, as: UTF8.self)) ?? 32_768
    }
}

/// The socket address of a port on 127.0.0.1.
func loopbackAddress(port: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
}
