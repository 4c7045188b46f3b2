import CRedis
import Glibc

/// A thread of our own, for a C handle that only one thread may touch and for calls that block.
enum OwnerThread {
    private final class Start: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// Runs `body` on a new detached thread; false when the system gives no more threads.
    ///
    /// The thread takes no signals: hiredis writes without `MSG_NOSIGNAL`, and SIGPIPE must not end the process.
    static func run(name: String, _ body: @escaping @Sendable () -> Void) -> Bool {
        let start = Unmanaged.passRetained(Start(name: name, body: body))
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
                if let argument {
                    let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                    credis_name_thread(start.name)
                    start.body()
                }
                return nil
            }, start.toOpaque())
        if result != 0 { start.release() }
        return result == 0
    }
}
