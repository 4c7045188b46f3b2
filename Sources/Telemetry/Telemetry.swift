public import Logging
import Metrics
import Synchronization

/// Logs and metrics of the whole process.
public enum Telemetry {
    private struct Bootstrapped {
        var logs = false
        var registry: PrometheusRegistry?
    }

    private static let bootstrapped = Mutex(Bootstrapped())

    /// The registry that the process's metrics go to; nil before one was bootstrapped.
    public static var registry: PrometheusRegistry? { bootstrapped.withLock { $0.registry } }

    /// Sets up swift-log and, given a registry, swift-metrics for the process.
    ///
    /// The first call decides; later ones change nothing, so every entry point may call it. Loggers and
    /// metrics made before it keep the libraries' defaults.
    public static func bootstrap(
        logFormat: LogFormat = .auto,
        level: Logger.Level = .info,
        registry: PrometheusRegistry? = nil
    ) {
        bootstrapped.withLock { state in
            if !state.logs {
                state.logs = true
                let style = logFormat.resolved
                LoggingSystem.bootstrap(
                    { label, provider in
                        ShopLogHandler(label: label, style: style, level: level, metadataProvider: provider)
                    }, metadataProvider: .shop)
            }
            if let registry, state.registry == nil {
                state.registry = registry
                MetricsSystem.bootstrap(registry)
            }
        }
    }
}
