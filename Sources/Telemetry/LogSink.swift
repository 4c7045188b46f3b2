/// The place that finished log records go to, one call per record, each ending in a newline.
public struct LogSink: Sendable {
    /// Takes one whole record. Called from any thread, several at once.
    public var write: @Sendable (_ record: [UInt8]) -> Void

    /// A sink that hands every record to `write`.
    public init(write: @escaping @Sendable (_ record: [UInt8]) -> Void) {
        self.write = write
    }
}
