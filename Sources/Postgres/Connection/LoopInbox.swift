/// What other threads leave for a connection's thread; kept under a lock.
struct LoopInbox {
    enum Phase {
        case open
        /// Takes nothing new, ends when all is done.
        case draining
        /// Ends at once; what is not done fails.
        case aborted
    }

    var phase = Phase.open
    var units: [PipelineUnit] = []
    /// Some unit's caller has gone.
    var hasCancellations = false
    var endedCancelRequests: [CancelRequest.End] = []
    /// The thread waits in `poll`, or is about to: it must be woken.
    var isSleeping = false
    var isStarted = false
    /// Made with the thread, and kept.
    var wakeDescriptor: WakeDescriptor?
    /// Why the connection cannot be used any more; the thread has ended or is about to.
    var termination: PostgresError?
    var terminationWaiters: [CheckedContinuation<Void, Never>] = []

    var isEmpty: Bool {
        units.isEmpty && !hasCancellations && endedCancelRequests.isEmpty
    }
}
