import CPostgres
import Glibc

/// An eventfd by which any thread wakes the one that polls.
final class WakeDescriptor: Sendable {
    let descriptor: Int32

    /// Nil if the process has no descriptor left.
    init?() {
        descriptor = pg_eventfd()
        if descriptor < 0 { return nil }
    }

    deinit {
        if descriptor >= 0 { Glibc.close(descriptor) }
    }

    func wake() {
        eventfd_write(descriptor, 1)
    }

    func reset() {
        var value: eventfd_t = 0
        eventfd_read(descriptor, &value)
    }
}
