import Synchronization

/// Counts what one connection does; for tests and metrics.
final class LoopStatistics: Sendable {
    /// Syncs sent, each of which flushes.
    let syncs = Atomic(0)
    let statements = Atomic(0)
    let connects = Atomic(0)
    let cancelRequests = Atomic(0)
}
