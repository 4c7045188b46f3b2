public import CoreMetrics

extension PrometheusRegistry: MetricsFactory {
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(
            name: MetricName.metric(label, suffix: "_total"), kind: .counter, source: label, dimensions: dimensions
        ) { _ in CounterSeries() }
    }

    public func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        series(
            name: MetricName.metric(label, suffix: "_total"), kind: .counter, source: label, dimensions: dimensions
        ) { _ in FloatingPointCounterSeries() }
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(name: MetricName.metric(label), kind: .gauge, source: label, dimensions: dimensions) { _ in
            GaugeSeries()
        }
    }

    public func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        let name = MetricName.metric(label)
        guard aggregate else {
            return series(name: name, kind: .gauge, source: label, dimensions: dimensions) { _ in GaugeSeries() }
        }
        return series(name: name, kind: .histogram, source: label, dimensions: dimensions) { buckets in
            HistogramSeries(bounds: buckets ?? recorderBuckets)
        }
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(
            name: MetricName.metric(label, suffix: "_seconds"), kind: .histogram, source: label,
            dimensions: dimensions
        ) { buckets in HistogramSeries(bounds: buckets ?? timerBuckets) }
    }

    public func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { remove(handler) }
    public func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
    public func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
    public func destroyTimer(_ handler: any TimerHandler) { remove(handler) }
}
