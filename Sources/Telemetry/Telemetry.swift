import Dispatch
import Glibc
public import Logging
import Metrics
import Synchronization

/// Logs and metrics of the whole process.
public enum Telemetry {
    private struct Bootstrapped {
        var logs: LogWriter?
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
            if state.logs == nil {
                let style = logFormat.resolved
                let writer = LogWriter(descriptor: STDERR_FILENO) { LogRecord.loss(of: $0).text(style) }
                state.logs = writer
                LoggingSystem.bootstrap(
                    { label, provider in
                        ShopLogHandler(
                            label: label, style: style, level: level, metadataProvider: provider, sink: writer.sink)
                    }, metadataProvider: .shop)
            }
            if let registry, state.registry == nil {
                state.registry = registry
                MetricsSystem.bootstrap(registry)
            }
        }
    }

    /// Has a text written to standard error as log records are: nobody waits for whoever reads it.
    ///
    /// - Returns: False, and nothing is written, if no log was bootstrapped.
    public static func tell(_ text: String) -> Bool {
        guard let logs = bootstrapped.withLock({ $0.logs }) else { return false }
        logs.append(Array(text.utf8))
        return true
    }

    /// Waits until the records logged so far are written, but no longer than a second: a reader that does not read
    /// must not keep the process from ending. Blocks the thread.
    public static func flushLogs() {
        bootstrapped.withLock { $0.logs }?.flush(within: .seconds(1))
    }
}
