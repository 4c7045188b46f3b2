import Glibc
import Synchronization

@testable import RabbitMQ

/// Stands between a client and a local server, and can fail in the ways a network does.
final class TCPProxy: Sendable {
    private struct State {
        var sockets: Set<Int32> = []
        /// Which directions stand still.
        var paused: Set<Direction> = []
        var isClosed = false
        var clientBytes = 0
        var accepted = 0
    }

    /// A direction that bytes move in.
    enum Direction: CaseIterable {
        case toServer
        case toClient
    }

    /// Where clients connect, on 127.0.0.1.
    let port: Int
    private let listener: Int32
    private let target: Int
    private let state = Mutex(State())

    init(to target: Int) throws(RabbitMQError) {
        self.target = target
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        self.listener = listener
        var address = Self.address(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(listener, raw, length) == 0 && listen(listener, 16) == 0
                    && getsockname(listener, raw, &length) == 0
            }
        }
        guard status else { throw RabbitMQError(.connectionFailed, "no proxy: \(systemErrorText(errno))") }
        port = Int(UInt16(bigEndian: address.sin_port))
        _ = try OwningThread.start(name: "test-proxy") { [self] in accept() }
    }

    /// How many connections clients have made.
    var accepted: Int { state.withLock { $0.accepted } }

    /// How many bytes clients have sent through.
    var clientBytes: Int { state.withLock { $0.clientBytes } }

    /// Breaks all connections; new ones are accepted.
    func cut() {
        state.withLock { state in
            for socket in state.sockets { shutdown(socket, Int32(SHUT_RDWR)) }
        }
    }

    /// Stops moving bytes without breaking anything; in both directions unless told otherwise.
    func pause(_ directions: Set<Direction> = Set(Direction.allCases)) {
        state.withLock { $0.paused = directions }
    }

    /// Moves bytes again.
    func resume() { state.withLock { $0.paused = [] } }

    func close() {
        resume()
        state.withLock { $0.isClosed = true }
        shutdown(listener, Int32(SHUT_RDWR))
        cut()
    }

    private static func address(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private func accept() {
        while true {
            let client = Glibc.accept(listener, nil, nil)
            guard client >= 0 else { break }
            let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            var address = Self.address(port: target)
            let status = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                    connect(server, raw, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            guard status == 0, relay(client, server) else {
                Glibc.close(client)
                Glibc.close(server)
                continue
            }
        }
        Glibc.close(listener)
    }

    private func relay(_ client: Int32, _ server: Int32) -> Bool {
        let isWelcome = state.withLock { state in
            guard !state.isClosed else { return false }
            state.sockets.formUnion([client, server])
            state.accepted += 1
            return true
        }
        guard isWelcome else { return false }
        let ends = Ends(client, server)
        do {
            _ = try OwningThread.start(name: "test-proxy-up") { [self] in move(ends, .toServer) }
            _ = try OwningThread.start(name: "test-proxy-down") { [self] in move(ends, .toClient) }
        } catch {
            cut()
        }
        return true
    }

    private func move(_ ends: Ends, _ direction: Direction) {
        let isUpstream = direction == .toServer
        let (source, sink) = isUpstream ? (ends.client, ends.server) : (ends.server, ends.client)
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            while isPaused(direction) { usleep(2000) }
            let count = recv(source, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            while isPaused(direction) { usleep(2000) }
            if isUpstream { state.withLock { $0.clientBytes += count } }
            var sent = 0
            while sent < count {
                let part = buffer[sent..<count].withUnsafeBytes {
                    send(sink, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard part > 0 else { break }
                sent += part
            }
            if sent < count { break }
        }
        shutdown(source, Int32(SHUT_RDWR))
        shutdown(sink, Int32(SHUT_RDWR))
        guard ends.isLast() else { return }
        state.withLock { state in
            state.sockets.subtract([ends.client, ends.server])
            Glibc.close(ends.client)
            Glibc.close(ends.server)
        }
    }

    private func isPaused(_ direction: Direction) -> Bool {
        state.withLock { $0.paused.contains(direction) && !$0.isClosed }
    }

    /// The two sockets of a connection, closed by the last of its threads.
    private final class Ends: Sendable {
        let client: Int32
        let server: Int32
        private let threads = Mutex(2)

        init(_ client: Int32, _ server: Int32) {
            self.client = client
            self.server = server
        }

        func isLast() -> Bool {
            threads.withLock { count in
                count -= 1
                return count == 0
            }
        }
    }
}
