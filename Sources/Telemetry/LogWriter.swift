import Dispatch
import Glibc
import Metrics
import Synchronization

/// Writes log records to a descriptor from a thread of its own, so that nobody who logs waits for whoever reads.
///
/// A record that comes while nothing is written is written at once. Those that come within the next millisecond go
/// together: a thread that is woken for each of them costs more than writing it.
///
/// Records wait in a bounded queue. One that does not fit is dropped and counted, in the metric
/// `shop_log_records_dropped` and, once there is room again, in a record of its own. A reader that is gone, or a
/// disk that is full, costs records and nothing else.
final class LogWriter: Sendable {
    private struct Queue {
        var records: [[UInt8]] = []
        var bytes = 0
        var dropped = 0
        var isWriting = false
        var isThreadRunning = false
        var waiters: [DispatchSemaphore] = []
    }

    /// The largest write of several records at once: as much as a pipe takes without mixing it with another's.
    private static let atomicWrite = Int(PIPE_BUF)
    /// The time between two writes in which records gather, in microseconds.
    private static let pause: useconds_t = 1000

    private let descriptor: Int32
    private let capacity: Int
    private let lossRecord: @Sendable (_ dropped: Int) -> [UInt8]
    private let queue = Mutex(Queue())
    /// Signalled when the queue is no longer empty.
    private let filled = DispatchSemaphore(value: 0)

    /// Creates a writer; its thread begins with the first record.
    ///
    /// - Parameters:
    ///   - descriptor: Is not closed.
    ///   - capacity: The most bytes that wait.
    ///   - lossRecord: Makes the record that tells how many were dropped.
    init(
        descriptor: Int32, capacity: Int = 4 << 20, lossRecord: @escaping @Sendable (_ dropped: Int) -> [UInt8]
    ) {
        self.descriptor = descriptor
        self.capacity = capacity
        self.lossRecord = lossRecord
    }

    /// The way to it for log handlers.
    var sink: LogSink { LogSink { [self] record in append(record) } }

    /// Queues a record, or drops it if it does not fit.
    func append(_ record: [UInt8]) {
        enum Step { case wake, start, drop, none }
        let step = queue.withLock { queue -> Step in
            guard queue.bytes + record.count <= capacity else {
                queue.dropped += 1
                return .drop
            }
            let wasEmpty = queue.records.isEmpty
            queue.records.append(record)
            queue.bytes += record.count
            if !queue.isThreadRunning {
                queue.isThreadRunning = true
                return .start
            }
            return wasEmpty ? .wake : .none
        }
        switch step {
        case .none: break
        case .wake: filled.signal()
        case .drop: Self.dropped.increment()
        case .start:
            filled.signal()
            // Without a thread the records stay in the queue until one can be had.
            if !Self.startThread({ [self] in run() }) { queue.withLock { $0.isThreadRunning = false } }
        }
    }

    /// Waits until everything queued so far is written, but no longer than `patience`; blocks the thread.
    ///
    /// - Returns: Whether it is written.
    @discardableResult
    func flush(within patience: DispatchTimeInterval) -> Bool {
        let written = DispatchSemaphore(value: 0)
        let isIdle = queue.withLock { queue in
            if queue.records.isEmpty, !queue.isWriting { return true }
            queue.waiters.append(written)
            return false
        }
        return isIdle || written.wait(timeout: .now() + patience) == .success
    }

    private static var dropped: Counter { Counter(label: "shop_log_records_dropped") }

    private func run() {
        while true {
            filled.wait()
            while let batch = take() {
                for write in Self.writes(of: batch) where !Self.writeFully(write.bytes, to: descriptor) {
                    Self.dropped.increment(by: write.records)
                }
                if !isAwaited { usleep(Self.pause) }
            }
        }
    }

    /// Whether somebody waits for all to be written.
    private var isAwaited: Bool { queue.withLock { !$0.waiters.isEmpty } }

    /// All that is queued; nil, and the waiters released, if nothing is.
    private func take() -> [[UInt8]]? {
        let (batch, released) = queue.withLock { queue -> ([[UInt8]], [DispatchSemaphore]) in
            var batch = queue.records
            if queue.dropped > 0 {
                batch.append(lossRecord(queue.dropped))
                queue.dropped = 0
            }
            queue.isWriting = !batch.isEmpty
            queue.records = []
            queue.bytes = 0
            guard batch.isEmpty else { return (batch, []) }
            defer { queue.waiters = [] }
            return ([], queue.waiters)
        }
        for waiter in released { waiter.signal() }
        return batch.isEmpty ? nil : batch
    }

    /// Puts small records together, as long as a pipe takes them whole.
    private static func writes(of records: [[UInt8]]) -> [(bytes: [UInt8], records: Int)] {
        var writes: [(bytes: [UInt8], records: Int)] = []
        for record in records {
            if let last = writes.indices.last, writes[last].bytes.count + record.count <= atomicWrite {
                writes[last].bytes += record
                writes[last].records += 1
            } else {
                writes.append((record, 1))
            }
        }
        return writes
    }

    /// Writes all of `bytes`.
    ///
    /// - Returns: False on an error, which nobody could be told of.
    static func writeFully(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let written = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if written > 0 {
                    rest = rest.dropFirst(written)
                } else if errno == EAGAIN {
                    // Somebody made the shared terminal or pipe non-blocking.
                    var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    poll(&waiting, 1, -1)
                } else if errno != EINTR {
                    return false
                }
            }
            return true
        }
    }

    /// Runs `body` on a new detached thread that takes no signals: SIGPIPE of a reader that is gone must not end the
    /// process, nor may a thread that is stuck in a write be the one that is to handle SIGTERM.
    private static func startThread(_ body: @escaping @Sendable () -> Void) -> Bool {
        final class Start: Sendable {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        let start = Unmanaged.passRetained(Start(body))
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        var thread = pthread_t()
        let result = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            }, start.toOpaque())
        guard result == 0 else {
            start.release()
            return false
        }
        pthread_detach(thread)
        return true
    }
}
