import Glibc
import Synchronization

/// Stands between a client and a local server, and can fail in the ways a network does.
public final class TCPProxy: Sendable {
    /// A direction that bytes move in.
    public enum Direction: CaseIterable, Sendable {
        case toServer
        case toClient
    }

    /// When a connection is cut.
    public enum Moment: Sendable {
        /// The server never gets what the client has sent.
        case beforeTheServerGetsIt
        /// The server has answered, the client never hears.
        case afterTheServerAnswered
    }

    private enum Fault {
        case cut
        case hold
    }

    private struct Trap {
        let marker: [UInt8]
        let fault: Fault
        let moment: Moment
        let interval: Int
        var untilNext: Int
    }

    private struct State {
        var sockets: Set<Int32> = []
        /// Those of ``sockets`` that lead to clients.
        var clients: Set<Int32> = []
        /// Which directions stand still.
        var paused: Set<Direction> = []
        var trap: Trap?
        var isClosed = false
        var clientBytes = 0
        var accepted = 0
        var cuts = 0
        /// Connections on which nothing moves in one direction, or in both.
        var held: [ProxiedConnection] = []
    }

    /// Where clients connect, on 127.0.0.1.
    public let port: Int
    private let listener = LocalListener()
    private let target: Int
    private let state = Mutex(State())
    let byteTrap = ByteTrap()

    /// - Parameter target: the server's port on 127.0.0.1.
    public init(to target: Int) {
        self.target = target
        port = listener.port
        listener.serve { [self] client in accept(client) }
    }

    /// How many connections clients have made.
    public var accepted: Int { state.withLock { $0.accepted } }

    /// How many connections there are.
    public var open: Int { state.withLock { $0.sockets.count / 2 } }

    /// How many bytes clients have sent through.
    public var clientBytes: Int { state.withLock { $0.clientBytes } }

    /// How often ``cut(at:_:every:)`` or ``cut(afterServerBytes:)`` has cut.
    public var cuts: Int { state.withLock { $0.cuts } }

    /// How many connections ``hold(at:_:)`` is holding.
    public var holds: Int { state.withLock { $0.held.count } }

    /// Breaks all connections; new ones are accepted.
    public func cut() {
        state.withLock { state in
            for socket in state.sockets { shutdown(socket, Int32(SHUT_RDWR)) }
        }
    }

    /// Sends all clients what the server has not said.
    public func say(_ bytes: [UInt8]) {
        state.withLock { state in
            for client in state.clients {
                _ = bytes.withUnsafeBytes { send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            }
        }
    }

    /// Cuts the next connection on which a client sends the marker.
    ///
    /// - Parameter interval: goes on with every so manieth time the marker is sent; nil to cut once.
    public func cut(at marker: String, _ moment: Moment, every interval: Int? = nil) {
        state.withLock {
            $0.trap = Trap(
                marker: Array(marker.utf8), fault: .cut, moment: moment, interval: interval ?? 0,
                untilNext: interval ?? 1)
        }
    }

    /// Holds what a client sends from the marker on, or what the server answers, until ``release()``; breaks nothing.
    public func hold(at marker: String, _ moment: Moment) { hold(at: Array(marker.utf8), moment) }

    /// The same for a marker that is no text.
    public func hold(at marker: [UInt8], _ moment: Moment) {
        state.withLock { $0.trap = Trap(marker: marker, fault: .hold, moment: moment, interval: 0, untilNext: 1) }
    }

    /// Lets go of what is held.
    public func release() {
        let held = state.withLock { state in
            defer { state.held = [] }
            return state.held
        }
        for connection in held { connection.release() }
    }

    /// Cuts and holds at no marker, and after no count, any more.
    public func disarm() {
        state.withLock { $0.trap = nil }
        byteTrap.clear()
    }

    /// Stops moving bytes without breaking anything; in both directions unless told otherwise.
    public func pause(_ directions: Set<Direction> = Set(Direction.allCases)) {
        state.withLock { $0.paused = directions }
    }

    /// Moves bytes again.
    public func resume() { state.withLock { $0.paused = [] } }

    /// Breaks all connections and takes no more. Nothing happens the second time.
    public func close() {
        resume()
        state.withLock { $0.isClosed = true }
        release()
        listener.close()
        cut()
    }

    private static func address(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private func accept(_ client: Int32) {
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = Self.address(port: target)
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                connect(server, raw, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0, relay(ProxiedConnection(client, server)) else {
            Glibc.close(client)
            Glibc.close(server)
            return
        }
    }

    private func relay(_ connection: ProxiedConnection) -> Bool {
        let isWelcome = state.withLock { state in
            guard !state.isClosed else { return false }
            state.sockets.formUnion([connection.client, connection.server])
            state.clients.insert(connection.client)
            state.accepted += 1
            return true
        }
        guard isWelcome else { return false }
        for direction in Direction.allCases { DetachedThread.start { [self] in move(connection, direction) } }
        return true
    }

    private func move(_ connection: ProxiedConnection, _ direction: Direction) {
        let isUpstream = direction == .toServer
        let (source, sink) =
            isUpstream ? (connection.client, connection.server) : (connection.server, connection.client)
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            while isPaused(direction) { usleep(2000) }
            let count = recv(source, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            while isPaused(direction) { usleep(2000) }
            var allowed = count
            var isCut = false
            if isUpstream {
                switch sprung(buffer[..<count], on: connection) {
                case (.cut, .beforeTheServerGetsIt)?: (allowed, isCut) = (0, true)
                case (.cut, .afterTheServerAnswered)?:
                    connection.isDoomed.store(true, ordering: .sequentiallyConsistent)
                case (.hold, _)?, nil: break
                }
            } else if connection.isDoomed.load(ordering: .acquiring) {
                (allowed, isCut) = (0, true)
            }
            while connection.isHeld(direction) { usleep(2000) }
            let admitted = byteTrap.admit(allowed, direction)
            if admitted < allowed {
                (allowed, isCut) = (admitted, true)
                state.withLock { $0.cuts += 1 }
            }
            var sent = 0
            while sent < allowed {
                let part = buffer[sent..<allowed].withUnsafeBytes {
                    send(sink, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard part > 0 else { break }
                sent += part
            }
            if isCut || sent < allowed { break }
        }
        shutdown(source, Int32(SHUT_RDWR))
        shutdown(sink, Int32(SHUT_RDWR))
        guard connection.isLastThread() else { return }
        state.withLock { state in
            state.sockets.subtract([connection.client, connection.server])
            state.clients.remove(connection.client)
            Glibc.close(connection.client)
            Glibc.close(connection.server)
        }
    }

    /// Counts what a client sends; when a fault is due, which and when.
    private func sprung(_ bytes: ArraySlice<UInt8>, on connection: ProxiedConnection) -> (Fault, Moment)? {
        state.withLock { state in
            state.clientBytes += bytes.count
            guard var trap = state.trap, bytes.indices.contains(where: { bytes[$0...].starts(with: trap.marker) })
            else {
                return nil
            }
            trap.untilNext -= 1
            let isDue = trap.untilNext == 0
            if isDue { trap.untilNext = trap.interval }
            state.trap = isDue && trap.interval == 0 ? nil : trap
            if !isDue { return nil }
            switch trap.fault {
            case .cut: state.cuts += 1
            case .hold:
                connection.hold(trap.moment == .beforeTheServerGetsIt ? .toServer : .toClient)
                state.held.append(connection)
            }
            return (trap.fault, trap.moment)
        }
    }

    private func isPaused(_ direction: Direction) -> Bool {
        state.withLock { $0.paused.contains(direction) && !$0.isClosed }
    }
}
