import CLinux
import Glibc
import Synchronization

/// A thread outside of Swift's cooperative pool: the one that owns a C handle, or makes calls that block.
///
/// The thread is detached and takes no signals, which are for the process's own handlers; ``waitUntilEnded()`` tells
/// when its work has returned.
package final class OwningThread: Sendable {
    private struct State {
        var hasEnded = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    private init() {}

    /// Starts a thread.
    ///
    /// - Parameters:
    ///   - name: For `top -H` and debuggers, which show 15 characters of it.
    ///   - stackBytes: Only what is used of it takes memory.
    /// - Throws: `SystemError` if the system gives no thread now.
    @discardableResult
    package static func start(
        name: String, stackBytes: Int = 1 << 20, _ work: @escaping @Sendable () -> Void
    ) throws(SystemError) -> OwningThread {
        let thread = OwningThread()
        let box = Unmanaged.passRetained(
            Work {
                linux_name_thread(name)
                work()
                thread.end()
            })
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, stackBytes)

        // Before the thread is there: it inherits its creator's mask, and takes no signal before it can block them.
        var all = sigset_t()
        var previous = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &previous)
        defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }

        var identifier = pthread_t()
        let status = pthread_create(
            &identifier, &attributes,
            { argument in
                if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            }, box.toOpaque())
        guard status == 0 else {
            box.release()
            throw SystemError(errno: status)
        }
        return thread
    }

    /// Waits until the thread's work has returned.
    package func waitUntilEnded() async {
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
            defer { state.waiters = [] }
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
