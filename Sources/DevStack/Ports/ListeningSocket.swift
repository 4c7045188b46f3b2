import Glibc

/// The process that listens on a loopback port. A port chosen as free may have been taken by someone else since; a
/// probe would then find a server ready that is not ours.
enum ListeningSocket {
    /// Whether one of the processes holds the listening socket of this IPv4 port.
    static func isHeld(port: Int, by processes: [pid_t]) -> Bool {
        guard let inode = inode(port: port) else { return false }
        let wanted = "socket:[\(inode)]".utf8.map { CChar(bitPattern: $0) }
        var target = [CChar](repeating: 0, count: 64)
        return processes.contains { pid in
            entries(of: "/proc/\(pid)/fd").contains { name in
                let count = readlink("/proc/\(pid)/fd/\(name)", &target, target.count)
                return count > 0 && target[..<count].elementsEqual(wanted)
            }
        }
    }

    /// The listening socket's inode, from `/proc/net/tcp`: fields are slot, local address, remote address, state
    /// (0A is listening), queues, timer, retransmits, user, timeout, inode.
    private static func inode(port: Int) -> Substring? {
        guard let bytes = readSmallFile("/proc/net/tcp", limit: 16 << 20) else { return nil }
        let hex = String(port, radix: 16, uppercase: true)
        let suffix = ":" + String(repeating: "0", count: max(0, 4 - hex.count)) + hex
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n").dropFirst() {
            let fields = line.split(separator: " ")
            if fields.count > 9, fields[1].hasSuffix(suffix), fields[3] == "0A" { return fields[9] }
        }
        return nil
    }
}
