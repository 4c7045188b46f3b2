import Glibc
import Synchronization
import TestSupport

/// Something that listens on a port of its own and is no Redis.
final class OddServer: Sendable {
    /// A connection that was accepted; kept open until the server stops.
    struct Connection {
        fileprivate let descriptor: Int32

        func write(_ text: String) {
            _ = send(descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL))
        }

        /// Waits for something to be sent to it.
        func read() {
            var byte: UInt8 = 0
            _ = recv(descriptor, &byte, 1, Int32(MSG_PEEK))
        }
    }

    let port: UInt16
    private let listener = LocalListener()
    private let accepted = Mutex<[Int32]>([])

    /// Listens, and does `behave` with every connection.
    init(_ behave: @escaping @Sendable (Connection) -> Void) {
        port = UInt16(listener.port)
        listener.serve { [self] connection in
            accepted.withLock { $0.append(connection) }
            behave(Connection(descriptor: connection))
        } atEnd: { [self] in
            // By the thread that writes to them, and so not under its hands.
            accepted.withLock { connections in
                for connection in connections { close(connection) }
                connections = []
            }
        }
    }

    func stop() {
        listener.close()
        accepted.withLock { for connection in $0 { shutdown(connection, Int32(SHUT_RDWR)) } }
    }
}
