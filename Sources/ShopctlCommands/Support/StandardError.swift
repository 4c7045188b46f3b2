import Glibc
import Synchronization
import Telemetry

/// The process's standard error, for all that is neither data nor a log record.
enum StandardError {
    private static let isQueued = Atomic(false)

    /// Has texts wait beside the log from now on, in a process that must go on, and end, whether anybody reads them or not.
    /// Other commands wait for their reader.
    static func queue() { isQueued.store(true, ordering: .relaxed) }

    static func write(_ text: String) {
        if isQueued.load(ordering: .relaxed), Telemetry.tell(text) { return }
        // Nobody is left to be told of what fails here.
        try? Descriptor.write(text, to: STDERR_FILENO)
    }
}
