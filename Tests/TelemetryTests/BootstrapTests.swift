import CoreMetrics
import Logging
import Telemetry
import Testing

@Suite("Bootstrap")
struct BootstrapTests {
    @Test("The first call decides, and any number of others may follow")
    func idempotent() async {
        let first = PrometheusRegistry()
        Telemetry.bootstrap(logFormat: .json, level: .critical, registry: first)
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask { Telemetry.bootstrap(logFormat: .human, level: .trace, registry: PrometheusRegistry()) }
            }
        }
        #expect(Telemetry.registry === first)
        #expect(Logger(label: "x").logLevel == .critical)
        Counter(label: "bootstrapped").increment()
        #expect(first.render().contains("bootstrapped_total 1"))
    }
}
