import CRabbitMQ
import Glibc

/// An eventfd: any thread or task can wake the one thread that polls it.
final class WakeUp: Sendable {
    /// What to poll for reading; negative if the system gave none.
    let descriptor: Int32

    init() {
        descriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Whether the system gave a descriptor.
    var isUsable: Bool { descriptor >= 0 }

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
