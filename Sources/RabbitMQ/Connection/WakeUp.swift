import CRabbitMQ
import Glibc
import Synchronization

/// An eventfd: any thread or task can wake the one thread that polls it.
final class WakeUp: Sendable {
    private let storage = Atomic<Int32>(-1)

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// What to poll for reading; negative, which `poll` passes over, before ``open()``.
    var descriptor: Int32 { storage.load(ordering: .acquiring) }

    /// Asks the system for a descriptor, if there is none yet; false if it gives none now. Not at the same time twice.
    func open() -> Bool {
        if descriptor >= 0 { return true }
        storage.store(eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC)), ordering: .releasing)
        return descriptor >= 0
    }

    /// Makes the descriptor readable.
    func signal() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }

    /// Makes it quiet again.
    func reset() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
    }

    /// Sleeps until a signal or the moment; forever without one.
    func sleep(until moment: MonotonicTime?) {
        wait(alsoOn: nil, until: moment)
    }

    /// Sleeps until a signal, input on another descriptor, or the moment; then is quiet again.
    func wait(alsoOn other: Int32?, until moment: MonotonicTime?) {
        var entries = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: other ?? -1, events: Int16(POLLIN), revents: 0),
        ]
        poll(&entries, 2, moment?.millisecondsFromNow ?? -1)
        if entries[0].revents != 0 { reset() }
    }
}
