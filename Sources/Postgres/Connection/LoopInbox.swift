import DriverSupport

/// The units that other threads leave for a connection's thread.
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
    /// Parts of a borrower's code that run on the thread.
    var jobs: [UnownedJob] = []
    /// Some unit's caller has gone.
    var hasCancellations = false
    var endedCancelRequests: [CancelRequest.End] = []
    /// Starts with the first unit.
    var thread: OwningThread?
    /// The reason why the connection cannot be used any more; the thread has ended or is about to.
    var termination: PostgresError?
}
