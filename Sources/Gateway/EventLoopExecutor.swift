import NIOCore

/// Runs the code that serves a connection on the connection's own event loop, so that neither a request nor its answer
/// has to switch threads. A task that waits for something else goes on there too.
final class EventLoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(_ loop: any EventLoop) {
        self.loop = loop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}
