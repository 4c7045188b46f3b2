import CoreMetrics
import Synchronization

/// The kind of a metric, in the words of the exposition format.
enum MetricKind: String {
    case counter, gauge, histogram
}

/// One time series: a metric with one set of label values.
protocol PrometheusSeries: AnyObject, Sendable {
    /// Appends the series' sample lines; `labels` is `{a="b"}` or empty.
    func render(name: String, labels: LabelSet, into text: inout String)
}

/// A whole-number counter.
final class CounterSeries: PrometheusSeries, CounterHandler {
    private let value = Atomic<UInt64>(0)

    func increment(by amount: Int64) {
        guard amount > 0 else { return }
        value.wrappingAdd(UInt64(amount), ordering: .relaxed)
    }

    func reset() { value.store(0, ordering: .relaxed) }

    func render(name: String, labels: LabelSet, into text: inout String) {
        text += "\(name)\(labels.text) \(value.load(ordering: .relaxed))\n"
    }
}

/// A counter of fractions.
final class FloatingPointCounterSeries: PrometheusSeries, FloatingPointCounterHandler {
    private let value = AtomicDouble()

    func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        value.add(amount)
    }

    func reset() { value.store(0) }

    func render(name: String, labels: LabelSet, into text: inout String) {
        text += "\(name)\(labels.text) \(PrometheusText.number(value.load()))\n"
    }
}

/// A value that goes up and down: swift-metrics' meter, and its gauge (a recorder that does not aggregate).
final class GaugeSeries: PrometheusSeries, MeterHandler, RecorderHandler {
    private let value = AtomicDouble()

    func set(_ value: Int64) { self.value.store(Double(value)) }
    func set(_ value: Double) { self.value.store(value) }
    func increment(by amount: Double) { value.add(amount) }
    func decrement(by amount: Double) { value.add(-amount) }
    func record(_ value: Int64) { self.value.store(Double(value)) }
    func record(_ value: Double) { self.value.store(value) }

    func render(name: String, labels: LabelSet, into text: inout String) {
        text += "\(name)\(labels.text) \(PrometheusText.number(value.load()))\n"
    }
}

/// A distribution: swift-metrics' timer (in seconds) and its aggregating recorder.
final class HistogramSeries: PrometheusSeries, TimerHandler, RecorderHandler {
    private struct State {
        /// Observations by bucket, not cumulated; the last is above every bound.
        var counts: [UInt64]
        var sum = 0.0
    }

    private let bounds: [Double]
    // A mutex and not atomics: a scrape must see a sum and counts that belong together.
    private let state: Mutex<State>

    /// `bounds` are the buckets' upper bounds, rising.
    init(bounds: [Double]) {
        self.bounds = bounds
        self.state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    func recordNanoseconds(_ duration: Int64) { observe(Double(duration) / 1_000_000_000) }
    func record(_ value: Int64) { observe(Double(value)) }
    func record(_ value: Double) { observe(value) }

    private func observe(_ value: Double) {
        guard !value.isNaN else { return }
        var bucket = 0
        while bucket < bounds.count, value > bounds[bucket] { bucket += 1 }
        state.withLock { state in
            state.counts[bucket] += 1
            state.sum += value
        }
    }

    func render(name: String, labels: LabelSet, into text: inout String) {
        let (counts, sum) = state.withLock { ($0.counts, $0.sum) }
        var cumulated: UInt64 = 0
        for (count, bound) in zip(counts, bounds + [.infinity]) {
            cumulated += count
            text += "\(name)_bucket\(labels.text(addingUpperBound: bound)) \(cumulated)\n"
        }
        text += "\(name)_sum\(labels.text) \(PrometheusText.number(sum))\n"
        text += "\(name)_count\(labels.text) \(cumulated)\n"
    }
}

/// A `Double` that is changed without a lock.
private struct AtomicDouble: ~Copyable {
    private let bits = Atomic<UInt64>(0)

    func load() -> Double { Double(bitPattern: bits.load(ordering: .relaxed)) }
    func store(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

    func add(_ amount: Double) {
        var current = bits.load(ordering: .relaxed)
        while true {
            let wanted = (Double(bitPattern: current) + amount).bitPattern
            let (exchanged, original) = bits.weakCompareExchange(
                expected: current, desired: wanted, ordering: .relaxed)
            if exchanged { return }
            current = original
        }
    }
}
