import COpenSSL
import Glibc

/// A thread outside Swift's cooperative pool, for work that blocks.
enum WorkThread {
    private final class Start: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// The degree to which a thread yields to others, from 0 to 19 (`nice`).
    static let niceness: Int32 = 10
    /// Linux's `SCHED_BATCH`, which the Glibc module leaves out: never preempts a thread that has just woken up.
    static let batchPolicy: Int32 = 3

    /// Runs `body` on a new detached thread of low priority, which takes no signals; false when the system gives no
    /// more threads.
    static func run(_ body: @escaping @Sendable () -> Void) -> Bool {
        let start = Unmanaged.passRetained(Start(body))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        let result = pthread_create(
            &thread, &attributes,
            { argument in
                var signals = sigset_t()
                sigfillset(&signals)
                pthread_sigmask(SIG_BLOCK, &signals, nil)
                WorkThread.yieldToOthers()
                if let argument { Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            }, start.toOpaque())
        if result != 0 { start.release() }
        return result == 0
    }

    /// Lowers the calling thread's priority: to Linux, 0 is the thread and not its process. Where that is not allowed
    /// the thread stays as it is.
    private static func yieldToOthers() {
        var parameters = sched_param()
        _ = sched_setscheduler(0, batchPolicy, &parameters)
        _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, niceness)
    }
}
