public import Logging

/// The shop's log handler: one line per record, in JSON or for human eyes.
///
/// Metadata of the message wins over that of the provider, and that over the logger's own.
public struct ShopLogHandler: LogHandler {
    public var logLevel: Logger.Level
    public var metadata: Logger.Metadata = [:]
    public var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let style: LogStyle
    private let sink: LogSink

    /// A handler for the logger called `label`.
    public init(
        label: String,
        style: LogStyle,
        level: Logger.Level = .info,
        metadataProvider: Logger.MetadataProvider? = .shop,
        sink: LogSink
    ) {
        self.label = label
        self.style = style
        self.logLevel = level
        self.metadataProvider = metadataProvider
        self.sink = sink
    }

    public subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var own = event.metadata ?? [:]
        if let error = event.error {
            own[LogKey.error.rawValue] = .string(String(describing: error))
        }
        let record = LogRecord(
            timestamp: .now, level: event.level, label: label, message: event.message.description, metadata: own,
            over: metadataProvider.map { [$0.get(), metadata] } ?? [metadata])
        sink.write(record.text(style))
    }
}
