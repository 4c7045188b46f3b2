import CRabbitMQ
import Glibc
import Synchronization

/// A thread of our own for blocking calls, which never run on Swift's cooperative pool.
///
/// The thread is detached; ``waitUntilEnded()`` tells when its work has returned.
final class OwningThread: Sendable {
    private struct State {
        var hasEnded = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    /// The library decodes nested tables by recursion, and a frame has room for 26,000 levels. Only what is used of the
    /// stack takes memory.
    private static let stackBytes = 64 << 20

    private let state = Mutex(State())

    private init() {}

    /// Starts a thread.
    /// - Throws: ``RabbitMQError`` of kind `connectionFailed` if the system gives no thread.
    static func start(
        name: String, _ work: @escaping @Sendable () -> Void
    ) throws(RabbitMQError) -> OwningThread {
        let thread = OwningThread()
        let box = Unmanaged.passRetained(
            Work {
                shim_name_this_thread(name)
                work()
                thread.end()
            })
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, stackBytes)

        // Signals belong to the process's own handlers: a thread inherits its creator's mask.
        var all = sigset_t()
        var previous = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &previous)
        defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }

        var identifier = pthread_t()
        let status = pthread_create(
            &identifier, &attributes,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, box.toOpaque())
        guard status == 0 else {
            box.release()
            throw RabbitMQError(.connectionFailed, "no thread for the connection: \(systemErrorText(status))")
        }
        return thread
    }

    /// Waits until the thread's work has returned.
    func waitUntilEnded() async {
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLock { state in
                if !state.hasEnded { state.waiters.append(continuation) }
                return state.hasEnded
            }
            if hasEnded { continuation.resume() }
        }
    }

    private func end() {
        let waiters = state.withLock { state in
            state.hasEnded = true
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Carries the closure through the C call.
    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}

/// The system's text for an `errno` value.
func systemErrorText(_ number: Int32) -> String {
    guard let text = strerror(number) else { return "error \(number)" }
    return String(cString: text)
}
