public import Logging
import Synchronization

/// The records of a logger at warning and above.
public final class Warnings: Sendable {
    private let texts = Mutex<[String]>([])

    /// Without any yet.
    public init() {}

    /// A logger whose records are kept.
    public var logger: Logger { Logger(label: "test") { _ in Handler(texts: self) } }

    /// How many of them have this in their text.
    public func count(_ part: String) -> Int { texts.withLock { $0.count { $0.contains(part) } } }

    private struct Handler: LogHandler {
        let texts: Warnings
        var logLevel = Logger.Level.warning
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.MetadataValue? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { texts.texts.withLock { $0.append("\(event.message)") } }
    }
}
