import DriverSupport
import Glibc

/// An owning thread's sleep over its mailbox and its socket, and the events that the last one has found.
struct SocketWait {
    private var found: (socket: Int32, events: Int32) = (-1, 0)

    /// Whether the socket can be used for these events. An error or a hang-up shows when it is used.
    func hasFound(_ events: Int32, of socket: Int32) -> Bool {
        found.socket == socket && found.events & (events | POLLERR | POLLHUP) != 0
    }

    /// Sleeps until the socket can be used, somebody wakes the owner, or the moment comes.
    ///
    /// - Parameter interest: The socket and what it is to be used for; nil for none.
    mutating func sleep(
        over mailbox: RedisMailbox, for interest: (descriptor: Int32, events: Int32)?, until moment: MonotonicTime?
    ) {
        let (socket, events) = interest ?? (-1, 0)
        found = (socket, mailbox.wait(alsoOn: socket, for: events, until: moment))
    }
}
