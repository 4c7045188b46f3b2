import DriverSupport

/// Runs the code of whoever has borrowed the connection on the connection's own thread, so that none of a transaction's
/// statements has to switch threads for its answer.
extension ConnectionLoop: TaskExecutor {
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isTaken = inbox.post { inbox in
            guard inbox.termination == nil, (try? startThread(&inbox)) != nil else { return false }
            inbox.jobs.append(job)
            return true
        }
        // Whoever hears of a connection that has ended does so where everybody else runs.
        if !isTaken { globalConcurrentExecutor.enqueue(job) }
    }
}
