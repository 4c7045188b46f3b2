public import Logging

extension Logger {
    /// The value that every record of this logger carries under `key`.
    public subscript(key: LogKey) -> Logger.MetadataValue? {
        get { self[metadataKey: key.rawValue] }
        set { self[metadataKey: key.rawValue] = newValue }
    }

    /// A copy of this logger whose records also carry `metadata`.
    public func with(_ metadata: [LogKey: Logger.MetadataValue]) -> Logger {
        var logger = self
        for (key, value) in metadata { logger[key] = value }
        return logger
    }

    /// Logs at `level` with typed metadata keys; nothing is evaluated when the level is off.
    public func log(
        level: Logger.Level,
        _ message: @autoclosure () -> Logger.Message,
        _ metadata: @autoclosure () -> [LogKey: Logger.MetadataValue],
        file: String = #fileID, function: String = #function, line: UInt = #line
    ) {
        log(
            level: level, message(), metadata: Logger.Metadata(metadata()),
            file: file, function: function, line: line)
    }

    /// Logs at trace level with typed metadata keys.
    public func trace(
        _ message: @autoclosure () -> Logger.Message,
        _ metadata: @autoclosure () -> [LogKey: Logger.MetadataValue],
        file: String = #fileID, function: String = #function, line: UInt = #line
    ) {
        log(level: .trace, message(), metadata(), file: file, function: function, line: line)
    }

    /// Logs at debug level with typed metadata keys.
    public func debug(
        _ message: @autoclosure () -> Logger.Message,
        _ metadata: @autoclosure () -> [LogKey: Logger.MetadataValue],
        file: String = #fileID, function: String = #function, line: UInt = #line
    ) {
        log(level: .debug, message(), metadata(), file: file, function: function, line: line)
    }

    /// Logs at info level with typed metadata keys.
    public func info(
        _ message: @autoclosure () -> Logger.Message,
        _ metadata: @autoclosure () -> [LogKey: Logger.MetadataValue],
        file: String = #fileID, function: String = #function, line: UInt = #line
    ) {
        log(level: .info, message(), metadata(), file: file, function: function, line: line)
    }

    /// Logs at notice level with typed metadata keys.
    public func notice(
        _ message: @autoclosure () -> Logger.Message,
        _ metadata: @autoclosure () -> [LogKey: Logger.MetadataValue],
        file: String = #fileID, function: String = #function, line: UInt = #line
    ) {
        log(level: .notice, message(), metadata(), file: file, function: function, line: line)
    }

    /// Logs at warning level with typed metadata keys.
    public func warning(
        _ message: @autoclosure () -> Logger.Message,
        _ metadata: @autoclosure () -> [LogKey: Logger.MetadataValue],
        file: String = #fileID, function: String = #function, line: UInt = #line
    ) {
        log(level: .warning, message(), metadata(), file: file, function: function, line: line)
    }

    /// Logs at error level with typed metadata keys.
    public func error(
        _ message: @autoclosure () -> Logger.Message,
        _ metadata: @autoclosure () -> [LogKey: Logger.MetadataValue],
        file: String = #fileID, function: String = #function, line: UInt = #line
    ) {
        log(level: .error, message(), metadata(), file: file, function: function, line: line)
    }

    /// Logs at critical level with typed metadata keys.
    public func critical(
        _ message: @autoclosure () -> Logger.Message,
        _ metadata: @autoclosure () -> [LogKey: Logger.MetadataValue],
        file: String = #fileID, function: String = #function, line: UInt = #line
    ) {
        log(level: .critical, message(), metadata(), file: file, function: function, line: line)
    }
}

extension Logger.Metadata {
    /// swift-log metadata of typed keys.
    public init(_ typed: [LogKey: Logger.MetadataValue]) {
        self.init(minimumCapacity: typed.count)
        for (key, value) in typed { self[key.rawValue] = value }
    }
}
