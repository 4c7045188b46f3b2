import Logging
import ServiceContextModule
import Telemetry

/// A log that keeps its lines for the test.
struct CapturedLog: Sendable {
    struct Line: Sendable {
        var level: Logger.Level
        var message: String
        var metadata: Logger.Metadata
        /// Of the work that the line was written in.
        var requestID: String?
    }

    private let notes = Notes<Line>()

    var lines: [Line] { notes.all }

    func logger(_ level: Logger.Level = .debug) -> Logger {
        Logger(label: "test") { _ in Handler(notes: notes, logLevel: level) }
    }

    private struct Handler: LogHandler {
        let notes: Notes<Line>
        var logLevel: Logger.Level
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.MetadataValue? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            notes.add(
                Line(
                    level: event.level, message: "\(event.message)",
                    metadata: metadata.merging(event.metadata ?? [:]) { $1 },
                    requestID: ServiceContext.current?.requestID))
        }
    }
}
