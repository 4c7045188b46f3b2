import CoreMetrics
import Telemetry
import Testing

@Suite("Prometheus metrics")
struct PrometheusTests {
    private let registry = PrometheusRegistry()

    /// The lines of a metric, comments included, without those of the process.
    private func lines(_ name: String) -> [String] {
        registry.render().split(separator: "\n").map(String.init).filter { line in
            line.hasPrefix(name) || line.hasPrefix("# HELP \(name)") || line.hasPrefix("# TYPE \(name)")
        }
    }

    @Test("A counter ends in _total, once, and only rises")
    func counter() {
        let counter = Counter(label: "orders.placed", dimensions: [("role", "orders")], factory: registry)
        counter.increment()
        counter.increment(by: 41)
        counter.increment(by: -5)
        Counter(label: "orders_placed_total", dimensions: [("role", "other")], factory: registry).increment()
        registry.describe("orders_placed_total", help: "Orders, with a \\ and\na break.")
        #expect(
            lines("orders_placed") == [
                #"# HELP orders_placed_total Orders, with a \\ and\na break."#,
                "# TYPE orders_placed_total counter",
                #"orders_placed_total{role="orders"} 42"#,
                #"orders_placed_total{role="other"} 1"#,
            ])
    }

    @Test("A fractional counter adds fractions")
    func floatingPointCounter() {
        let counter = FloatingPointCounter(label: "weight", factory: registry)
        counter.increment(by: 0.5)
        counter.increment(by: 0.25)
        counter.increment(by: Double.nan)
        counter.increment(by: -1)
        #expect(lines("weight").last == "weight_total 0.75")
    }

    @Test("Meters and gauges go up and down")
    func gauges() {
        let meter = Meter(label: "queue.depth", factory: registry)
        meter.set(5)
        meter.increment(by: 2)
        meter.decrement(by: 10)
        #expect(lines("queue_depth").suffix(2) == ["# TYPE queue_depth gauge", "queue_depth -3"])
        let gauge = Gauge(label: "ratio", factory: registry)
        gauge.record(0.5)
        #expect(lines("ratio").last == "ratio 0.5")
        gauge.record(Double.infinity)
        #expect(lines("ratio").last == "ratio +Inf")
    }

    @Test("A timer is a histogram in seconds whose buckets are cumulated")
    func timer() {
        let registry = PrometheusRegistry(timerBuckets: [0.01, 0.1, 1])
        let timer = Timer(label: "request.duration", dimensions: [("method", "GET")], factory: registry)
        timer.recordMilliseconds(5)
        timer.recordMilliseconds(10)
        timer.recordMilliseconds(50)
        timer.recordSeconds(2)
        let text = registry.render()
        #expect(
            text.hasPrefix(
                """
                # HELP request_duration_seconds swift-metrics histogram request.duration
                # TYPE request_duration_seconds histogram
                request_duration_seconds_bucket{method="GET",le="0.01"} 2
                request_duration_seconds_bucket{method="GET",le="0.1"} 3
                request_duration_seconds_bucket{method="GET",le="1"} 3
                request_duration_seconds_bucket{method="GET",le="+Inf"} 4
                request_duration_seconds_sum{method="GET"} 2.065
                request_duration_seconds_count{method="GET"} 4

                """))
    }

    @Test("A recorder is a histogram, with buckets of its own if it is described so")
    func recorder() {
        registry.describe("batch_size", help: "Messages in a batch.", buckets: [1, 10])
        let recorder = Recorder(label: "batch.size", factory: registry)
        for size in [1, 2, 64] { recorder.record(size) }
        #expect(
            lines("batch_size") == [
                "# HELP batch_size Messages in a batch.", "# TYPE batch_size histogram",
                #"batch_size_bucket{le="1"} 1"#, #"batch_size_bucket{le="10"} 2"#, #"batch_size_bucket{le="+Inf"} 3"#,
                "batch_size_sum 67", "batch_size_count 3",
            ])
    }

    @Test("Label values are escaped; names are made legal; a label is there once")
    func labels() {
        Counter(
            label: "9 lives-of/cats",
            dimensions: [("b-c", "quote \" back \\ line\nend"), ("a", "ü"), ("b.c", "second"), ("le", "x")],
            factory: registry
        ).increment()
        #expect(
            lines("_9").last
                == #"_9_lives_of_cats_total{a="ü",b_c="quote \" back \\ line\nend",exported_le="x"} 1"#)
    }

    @Test("The same name and labels are one time series, whatever the labels' order")
    func identity() {
        Counter(label: "c", dimensions: [("a", "1"), ("b", "2")], factory: registry).increment()
        Counter(label: "c", dimensions: [("b", "2"), ("a", "1")], factory: registry).increment()
        #expect(lines("c_total").last == #"c_total{a="1",b="2"} 2"#)
    }

    @Test("A name cannot be two kinds: the second is not exported, and nothing breaks")
    func kindConflict() {
        Counter(label: "x_total", factory: registry).increment()
        let gauge = Gauge(label: "x_total", factory: registry)
        gauge.record(7)
        FloatingPointCounter(label: "x", factory: registry).increment(by: 0.5)
        #expect(lines("x_total").suffix(2) == ["# TYPE x_total counter", "x_total 1"])
    }

    @Test("A metric has a bounded number of label sets")
    func cardinality() {
        let registry = PrometheusRegistry(maximumSeriesPerMetric: 3)
        for user in 0..<10 {
            Counter(label: "visits", dimensions: [("user", "\(user)")], factory: registry).increment()
        }
        #expect(registry.render().split(separator: "\n").filter { $0.hasPrefix("visits_total") }.count == 3)
    }

    @Test("A destroyed metric is gone")
    func destroy() {
        let counter = Counter(label: "gone", factory: registry)
        counter.increment()
        counter.destroy()
        #expect(lines("gone").isEmpty)
    }

    @Test("Many tasks lose nothing")
    func concurrency() async {
        await withTaskGroup { group in
            for task in 0..<16 {
                group.addTask {
                    for _ in 0..<1000 {
                        Counter(label: "n", factory: registry).increment()
                        FloatingPointCounter(label: "f", factory: registry).increment(by: 0.5)
                        Timer(label: "t", factory: registry).recordMilliseconds(1)
                        Meter(label: "m", dimensions: [("task", "\(task)")], factory: registry).increment(by: 1)
                        if task == 0 { _ = registry.render() }
                    }
                }
            }
        }
        #expect(lines("n_total").last == "n_total 16000")
        #expect(lines("f_total").last == "f_total 8000")
        #expect(lines("t_seconds").last == "t_seconds_count 16000")
        #expect(lines("m").filter { $0.hasSuffix(" 1000") }.count == 16)
    }

    @Test(
        "The process is measured too",
        arguments: [
            "process_cpu_seconds_total", "process_resident_memory_bytes", "process_virtual_memory_bytes",
            "process_open_fds", "process_max_fds", "process_start_time_seconds", "process_threads",
        ])
    func process(name: String) throws {
        let lines = lines(name)
        #expect(lines.count == 3)
        let value = try #require(lines.last?.split(separator: " ").last.flatMap { Double($0) })
        #expect(value > 0)
    }
}
