import Glibc
import Synchronization

/// Where finished log records go, one call per record, each ending in a newline.
public struct LogSink: Sendable {
    /// Takes one whole record. Called from any thread, several at once.
    public var write: @Sendable (_ record: [UInt8]) -> Void

    /// A sink that hands every record to `write`.
    public init(write: @escaping @Sendable (_ record: [UInt8]) -> Void) {
        self.write = write
    }

    /// Standard error, one record at a time.
    public static let standardError = LogSink { record in
        // One record at a time: a write to a full pipe may be cut in two, and another must not come between.
        standardErrorLock.withLock { _ in writeFully(record, to: STDERR_FILENO) }
    }

    private static let standardErrorLock = Mutex(())

    /// Writes all of `bytes`; gives up on an error nobody could be told of.
    static func writeFully(_ bytes: [UInt8], to descriptor: Int32) {
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let written = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if written > 0 {
                    rest = rest.dropFirst(written)
                } else if errno == EAGAIN {
                    // Somebody made the shared terminal or pipe non-blocking.
                    var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    guard poll(&waiting, 1, 1000) == 1 else { return }
                } else if errno != EINTR {
                    return
                }
            }
        }
    }
}
