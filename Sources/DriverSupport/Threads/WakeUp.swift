import CLinux
import Glibc
import Synchronization

/// An eventfd: any thread or task can wake the one thread that waits here.
public final class WakeUp: Sendable {
    private let storage = Atomic<Int32>(-1)

    /// No descriptor yet: see ``open()``.
    public init() {}

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Negative, which `poll` passes over, before ``open()``.
    private var descriptor: Int32 { storage.load(ordering: .acquiring) }

    /// Asks the system for a descriptor, if there is none yet; false if it gives none now. Not at the same time twice.
    package func open() -> Bool {
        if descriptor >= 0 { return true }
        storage.store(linux_eventfd(), ordering: .releasing)
        return descriptor >= 0
    }

    /// Ends the wait under way, or else the next one.
    public func signal() {
        eventfd_write(descriptor, 1)
    }

    /// Waits for a signal, events of another descriptor (none if negative), or the moment; for ever without one.
    ///
    /// - Returns: The other descriptor's events.
    @discardableResult
    package func wait(
        alsoOn other: Int32 = -1, for events: Int32 = POLLIN, until moment: MonotonicTime? = nil
    ) -> Int32 {
        poll(other, events, timeout: moment?.millisecondsFromNow ?? -1)
    }

    /// The other descriptor's events at this moment.
    package func look(at other: Int32, for events: Int32) -> Int32 {
        poll(other, events, timeout: 0)
    }

    private func poll(_ other: Int32, _ events: Int32, timeout: Int32) -> Int32 {
        var entries = (
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: other, events: Int16(truncatingIfNeeded: events), revents: 0)
        )
        withUnsafeMutablePointer(to: &entries) { pointer in
            pointer.withMemoryRebound(to: pollfd.self, capacity: 2) { _ = Glibc.poll($0, 2, timeout) }
        }
        if entries.0.revents != 0 {
            var signals: eventfd_t = 0
            eventfd_read(descriptor, &signals)
        }
        return Int32(entries.1.revents)
    }
}
