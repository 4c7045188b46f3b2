import Glibc

/// Asks a server whether it is ready, in its own protocol over a raw socket. Blocks; not for the cooperative pool.
struct Probe: Sendable {
    let port: Int
    /// The time one answer may take, in milliseconds.
    var timeoutMilliseconds: Int32 = 1_000

    /// PostgreSQL is ready when it answers a start-up message by asking for a password; while it recovers it answers
    /// with an error instead.
    func postgres() -> Bool {
        let parameters = Array("user\0shopctl\0database\0postgres\0\0".utf8)
        let message = bigEndianBytes(UInt32(8 + parameters.count)) + bigEndianBytes(UInt32(196_608)) + parameters
        return exchange(message, atLeast: 1)?.first == UInt8(ascii: "R")
    }

    /// RabbitMQ is ready when it answers the protocol header with the method `connection.start` (10, 10): its
    /// listener is opened last.
    func rabbitmq() -> Bool {
        guard let answer = exchange(Array("AMQP".utf8) + [0, 0, 9, 1], atLeast: 11) else { return false }
        return answer[0] == 1 && Array(answer[7..<11]) == [0, 10, 0, 10]
    }

    /// Redis is ready when it answers `PING`; while it loads its data it answers with an error instead.
    func redis(password: String) -> Bool {
        let request = Array("AUTH \(password)\r\nPING\r\n".utf8)
        guard let answer = exchange(request, atLeast: 12) else { return false }
        return String(decoding: answer, as: UTF8.self).hasPrefix("+OK\r\n+PONG")
    }

    /// Whether anything accepts connections.
    func accepts() -> Bool { exchange([], atLeast: 0) != nil }

    private func exchange(_ request: [UInt8], atLeast expected: Int) -> [UInt8]? {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_INET, kind, 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var address = loopbackAddress(port: port)
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 || errno == EINPROGRESS, wait(descriptor, for: POLLOUT) else { return nil }
        var failure: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &length) == 0, failure == 0 else { return nil }
        if expected == 0 { return [] }
        // A few dozen bytes always fit an empty socket buffer.
        guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            return nil
        }
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1024)
        while answer.count < expected {
            guard wait(descriptor, for: POLLIN) else { return nil }
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { return nil }
            answer.append(contentsOf: chunk[..<count])
        }
        return answer
    }

    private func wait(_ descriptor: Int32, for events: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        return poll(&entry, 1, timeoutMilliseconds) == 1
    }

    private func bigEndianBytes(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }
}
