import DevStack
import Glibc
import Synchronization
import TestSupport

@testable import Postgres

/// Stands between a client and the server, and cuts a connection at a chosen moment.
final class CuttingProxy: Sendable {
    enum Moment: Sendable {
        /// The server never gets what the client has sent.
        case beforeTheServerGetsIt
        /// The server has answered, the client never hears.
        case afterTheServerAnswered
    }

    private struct State {
        var sockets: Set<Int32> = []
        var trap: (marker: [UInt8], moment: Moment)?
        var isFrozen = false
        var isClosed = false
        var cuts = 0
    }

    let port: Int
    private let listener: Int32
    private let target: Int
    private let state = Mutex(State())

    init(to target: Int) {
        self.target = target
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = Self.loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                precondition(bind(listener, raw, length) == 0 && listen(listener, 16) == 0)
                getsockname(listener, raw, &length)
            }
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        start { self.accept() }
    }

    /// How often the trap was sprung.
    var cuts: Int { state.withLock { $0.cuts } }

    /// Cuts the next connection on which the client sends the marker; once.
    func cut(at marker: String, _ moment: Moment) {
        state.withLock { $0.trap = (Array(marker.utf8), moment) }
    }

    /// Moves no byte any more, as if the network had gone; nothing is closed.
    func freeze() {
        state.withLock { $0.isFrozen = true }
    }

    func close() {
        let sockets = state.withLock { state in
            state.isClosed = true
            state.isFrozen = false
            return state.sockets
        }
        for socket in sockets.union([listener]) { shutdown(socket, Int32(SHUT_RDWR)) }
    }

    private static func loopback(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private func start(_ body: @escaping @Sendable () -> Void) {
        precondition(DetachedThread.start(name: "test-proxy", body))
    }

    private func accept() {
        while true {
            let client = Glibc.accept(listener, nil, nil)
            if client < 0 { break }
            let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            var address = Self.loopback(port: target)
            let status = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            let isOpen = state.withLock { state in
                if state.isClosed || status != 0 { return false }
                state.sockets.formUnion([client, server])
                return true
            }
            if !isOpen {
                Glibc.close(client)
                Glibc.close(server)
                continue
            }
            start { self.relay(client, server) }
        }
        Glibc.close(listener)
    }

    /// Moves bytes both ways until one side ends or the trap is sprung.
    private func relay(_ client: Int32, _ server: Int32) {
        var buffer = [UInt8](repeating: 0, count: 65536)
        var isDoomed = false
        while true {
            var ready = [
                pollfd(fd: client, events: Int16(POLLIN), revents: 0),
                pollfd(fd: server, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&ready, 2, 50) >= 0 else { break }
            if state.withLock({ $0.isFrozen }) {
                usleep(2000)
                continue
            }
            if ready[0].revents != 0 {
                let count = recv(client, &buffer, buffer.count, 0)
                if count <= 0 { break }
                let moment = sprung(buffer[..<count])
                if moment == .beforeTheServerGetsIt { break }
                isDoomed = isDoomed || moment == .afterTheServerAnswered
                if !forward(buffer[..<count], to: server) { break }
            }
            if ready[1].revents != 0 {
                let count = recv(server, &buffer, buffer.count, 0)
                if count <= 0 || isDoomed || !forward(buffer[..<count], to: client) { break }
            }
        }
        state.withLock { $0.sockets.subtract([client, server]) }
        Glibc.close(client)
        Glibc.close(server)
    }

    private func sprung(_ bytes: ArraySlice<UInt8>) -> Moment? {
        state.withLock { state in
            guard let trap = state.trap else { return nil }
            let isThere = bytes.indices.contains { bytes[$0...].starts(with: trap.marker) }
            if !isThere { return nil }
            state.trap = nil
            state.cuts += 1
            return trap.moment
        }
    }

    private func forward(_ bytes: ArraySlice<UInt8>, to socket: Int32) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if sent <= 0 { return false }
            rest = rest.dropFirst(sent)
        }
        return true
    }
}

extension Scene {
    /// A client that reaches the database through a proxy; both are closed at the end.
    func throughProxy(
        _ change: (inout PostgresConfiguration) -> Void = { _ in }
    ) throws -> (PostgresClient, CuttingProxy) {
        let server = fixture.stack.state.postgres
        let proxy = CuttingProxy(to: server.port)
        fixture.atEnd { proxy.close() }
        var configuration = try PostgresConfiguration(
            url: "postgres://\(server.user):\(server.password)@127.0.0.1:\(proxy.port)/\(configuration.database)")
        change(&configuration)
        let client = PostgresClient(configuration: configuration, logger: quietLogger)
        fixture.atEnd { await client.close() }
        return (client, proxy)
    }
}
