import CZlib
import NIOCore

/// The gzip form of bytes (RFC 1952), by zlib.
enum Gzip {
    /// Of 1 to 9: text gets hardly shorter beyond it, and takes twice the time.
    private static let level: Int32 = 4

    /// - Returns: Nil if the bytes would not get fewer.
    static func compress(_ body: ByteBuffer) -> ByteBuffer? {
        guard body.readableBytes > 1, let length = UInt32(exactly: body.readableBytes) else { return nil }
        var compressed = ByteBufferAllocator().buffer(capacity: body.readableBytes)
        body.withUnsafeReadableBytes { input in
            _ = compressed.writeWithUnsafeMutableBytes(minimumWritableBytes: input.count) { output in
                let input = input.bindMemory(to: UInt8.self).baseAddress
                let output = output.bindMemory(to: UInt8.self).baseAddress
                return Int(czlib_gzip(level, input, length, output, length - 1))
            }
        }
        if compressed.readableBytes == 0 { return nil }
        // In as much memory as it takes: it may be kept.
        return ByteBuffer(bytes: compressed.readableBytesView)
    }
}
