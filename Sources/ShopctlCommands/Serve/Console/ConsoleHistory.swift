import FoundationEssentials
import Hosting
import Synchronization

/// The last hour of the shop as a serving process has seen it, for the console's charts; kept in memory.
final class ConsoleHistory: Sendable {
    /// The time between two samples, and how many are kept: an hour's.
    static let interval = Duration.seconds(10)
    static let capacity = 360

    /// The orders of a span of time.
    struct Orders: Sendable, Equatable {
        var placed: Int64
        var confirmed: Int64
        var rejected: Int64
        /// At its end.
        var undecided: Int64
    }

    /// A step of sagas whose answers came within a span of time, as in ``TopSample/Step``.
    struct Step: Sendable, Equatable {
        var saga: String
        var participant: String
        var step: String
        var count: Int64
        /// Seconds.
        var median: Double
        var slow: Double
    }

    /// The messages of a service's queues.
    struct Depth: Sendable, Equatable {
        var ready = 0
        var retrying = 0
        var dead = 0
    }

    /// A span of time and its end.
    struct Sample: Sendable, Equatable {
        /// Of one more than the sample before.
        var number: Int64 = 0
        let at: Date
        /// The seconds that orders and steps are of.
        var seconds: Double
        /// Nil where their database could not be asked.
        var orders: Orders?
        var steps: [Step] = []
        var queues: [String: Depth] = [:]
    }

    private struct State {
        var samples: [Sample] = []
        var last: Int64 = 0
        var depths: [String: (at: ContinuousClock.Instant, depth: Depth)] = [:]
    }

    private let state = Mutex(State())
    /// The roles whose part other processes have.
    private let absent: [Role]

    init(roles: Set<Role>) {
        absent = Role.servers.filter { !roles.contains($0) }
    }

    /// Notes how much is in a service's queues, as somebody has just seen it.
    func note(_ depth: Depth, of service: String) {
        state.withLock { $0.depths[service] = (at: ContinuousClock.now, depth: depth) }
    }

    /// Adds a sample, with the queues as they were seen last; what was seen too long ago is left out.
    func add(_ sample: Sample) {
        state.withLock { state in
            var sample = sample
            state.last += 1
            sample.number = state.last
            sample.queues = state.depths.filter { ContinuousClock.now - $0.value.at < Self.interval * 3 }
                .mapValues(\.depth)
            state.samples.append(sample)
            if state.samples.count > Self.capacity { state.samples.removeFirst() }
        }
    }

    /// The samples with higher numbers.
    func report(after number: Int64, now: Date) -> HistoryReport {
        let samples = state.withLock { state in
            // Higher than there are: they were those of a process before this one.
            number > state.last ? state.samples : state.samples.filter { $0.number > number }
        }
        return HistoryReport(samples: samples, absent: absent.map(\.rawValue), now: now)
    }
}

/// Samples of the last hour as results show them, the oldest first.
struct HistoryReport: Report {
    let samples: [ConsoleHistory.Sample]
    /// Services whose part other processes have.
    let absent: [String]
    let now: Date

    var body: ReportBody {
        .one([
            "at": .text(Timestamp.text(now)),
            "interval_ms": .integer(ConsoleHistory.interval.components.seconds * 1000),
            "capacity": .count(ConsoleHistory.capacity),
            "samples": .records(samples.map(record)),
            "not_asked": .records(
                absent.map { ["service": .text($0), "reason": .text("another process has it: its own console tells")] }),
        ])
    }

    private func record(_ sample: ConsoleHistory.Sample) -> OutputRecord {
        [
            "number": .integer(sample.number),
            "at": .text(Timestamp.text(sample.at)),
            "span_ms": .integer(Int64((sample.seconds * 1000).rounded())),
            "orders": .optional(
                sample.orders.map { orders -> OutputRecord in
                    [
                        "placed": .integer(orders.placed), "confirmed": .integer(orders.confirmed),
                        "rejected": .integer(orders.rejected), "undecided": .integer(orders.undecided),
                    ]
                }),
            "steps": .records(
                sample.steps.map { step in
                    [
                        "saga": .text(step.saga), "participant": .text(step.participant), "step": .text(step.step),
                        "count": .integer(step.count), "median_ms": .integer(Self.milliseconds(step.median)),
                        "slow_ms": .integer(Self.milliseconds(step.slow)),
                    ]
                }),
            "queues": .records(
                sample.queues.sorted { $0.key < $1.key }.map { service, depth in
                    [
                        "service": .text(service), "ready": .count(depth.ready), "retrying": .count(depth.retrying),
                        "dead": .count(depth.dead),
                    ]
                }),
        ]
    }

    private static func milliseconds(_ seconds: Double) -> Int64 { Int64((max(0, seconds) * 1000).rounded()) }

    func table(_ style: TextStyle) -> String { "\(samples.count) samples\n" }
}
