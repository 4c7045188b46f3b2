import Logging
import Synchronization

/// Every metric of the process, rendered in Prometheus' text format.
///
/// It is swift-metrics' factory (see `PrometheusRegistry+MetricsFactory`): metrics of the same name and
/// labels share one time series, so making one at the place of use is fine.
///
/// Names: other characters than `[a-zA-Z0-9_:]` become `_`, counters end in `_total`, timers are histograms
/// in seconds and end in `_seconds`.
public final class PrometheusRegistry: Sendable {
    /// Upper bounds in seconds for timers: half a millisecond to ten seconds.
    public static let defaultTimerBuckets: [Double] = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]

    /// Upper bounds for recorders: counts and sizes from one to a million.
    public static let defaultRecorderBuckets: [Double] = [
        1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576,
    ]

    struct Family {
        var kind: MetricKind
        /// The label as the code wrote it, for a help text when nothing better is known.
        var source: String
        var series: [LabelSet: any PrometheusSeries] = [:]
    }

    struct Description {
        var help: String
        var buckets: [Double]?
    }

    struct State {
        var families: [String: Family] = [:]
        var descriptions: [String: Description] = [:]
        /// Names a complaint was logged about: once is enough.
        var complainedAbout: Set<String> = []
    }

    let state = Mutex(State())
    let timerBuckets: [Double]
    let recorderBuckets: [Double]
    private let maximumSeriesPerMetric: Int

    /// An empty registry.
    ///
    /// - Parameters:
    ///   - timerBuckets: upper bounds in seconds, rising.
    ///   - recorderBuckets: upper bounds, rising.
    ///   - maximumSeriesPerMetric: how many different label sets a metric may have; more are counted
    ///     nowhere (a label made of user input would otherwise fill the memory).
    public init(
        timerBuckets: [Double] = PrometheusRegistry.defaultTimerBuckets,
        recorderBuckets: [Double] = PrometheusRegistry.defaultRecorderBuckets,
        maximumSeriesPerMetric: Int = 2000
    ) {
        self.timerBuckets = timerBuckets
        self.recorderBuckets = recorderBuckets
        self.maximumSeriesPerMetric = maximumSeriesPerMetric
    }

    /// Gives the metric `name` (as it is rendered, suffix and all) a help text and, for a histogram, its own
    /// buckets. To be called before the metric is first used.
    public func describe(_ name: String, help: String, buckets: [Double]? = nil) {
        state.withLock { $0.descriptions[name] = Description(help: help, buckets: buckets) }
    }

    /// The time series of these labels, made when it is new; a detached one when it cannot be exported.
    func series<Series: PrometheusSeries>(
        name: String, kind: MetricKind, source: String, dimensions: [(String, String)],
        make: (_ buckets: [Double]?) -> Series
    ) -> Series {
        let labels = LabelSet(dimensions)
        let (series, complaint) = state.withLock { state -> (Series, Logger.Message?) in
            var family = state.families[name] ?? Family(kind: kind, source: source)
            if let known = family.series[labels] {
                if let known = known as? Series { return (known, nil) }
            } else if family.kind == kind, family.series.count < maximumSeriesPerMetric {
                let new = make(state.descriptions[name]?.buckets)
                family.series[labels] = new
                state.families[name] = family
                return (new, nil)
            }
            let isFirst = state.complainedAbout.insert(name).inserted
            let complaint: Logger.Message =
                family.kind == kind && family.series.count >= maximumSeriesPerMetric
                ? "metric \(name) has too many different labels; the rest is not exported"
                : "metric \(name) is used as two kinds; the second is not exported"
            return (make(nil), isFirst ? complaint : nil)
        }
        // Outside the lock: a log handler may itself count.
        if let complaint { Logger(label: "telemetry").warning(complaint) }
        return series
    }

    /// Forgets the time series that `handler` is.
    func remove(_ handler: AnyObject) {
        state.withLock { state in
            for (name, family) in state.families {
                guard let labels = family.series.first(where: { $0.value === handler })?.key else { continue }
                state.families[name]?.series[labels] = nil
                if state.families[name]?.series.isEmpty == true { state.families[name] = nil }
                return
            }
        }
    }

    /// All metrics, and those of the process itself, in text exposition format 0.0.4.
    ///
    /// Serve it as `text/plain; version=0.0.4; charset=utf-8`.
    public func render() -> String {
        let (families, descriptions) = state.withLock { ($0.families, $0.descriptions) }
        var text = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            let help = descriptions[name]?.help ?? "swift-metrics \(family.kind.rawValue) \(family.source)"
            text += "# HELP \(name) \(PrometheusText.escapedHelp(help))\n# TYPE \(name) \(family.kind.rawValue)\n"
            for (labels, series) in family.series.sorted(by: { $0.key.text < $1.key.text }) {
                series.render(name: name, labels: labels, into: &text)
            }
        }
        text += ProcessMetrics.render()
        return text
    }

    /// The media type of ``render()``.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"
}
