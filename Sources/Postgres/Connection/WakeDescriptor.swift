import CPostgres
import Glibc

/// An eventfd by which any thread wakes the one that polls.
final class WakeDescriptor: Sendable {
    let descriptor: Int32

    init() {
        descriptor = pg_eventfd()
        precondition(descriptor >= 0, "eventfd failed: no file descriptors left")
    }

    deinit {
        Glibc.close(descriptor)
    }

    func wake() {
        eventfd_write(descriptor, 1)
    }

    func reset() {
        var value: eventfd_t = 0
        eventfd_read(descriptor, &value)
    }
}
