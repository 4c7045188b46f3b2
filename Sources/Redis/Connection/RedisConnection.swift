import CRedis
import DriverSupport
import Glibc

/// One connection: hiredis' context, which only the owning thread touches.
///
/// After any error the connection must be dropped: a late reply would be taken for the next command's.
final class RedisConnection {
    private let context: UnsafeMutablePointer<redisContext>
    /// Whether there are bytes the socket has not taken yet.
    private(set) var hasUnsentBytes = false

    /// Begins to connect.
    ///
    /// - Throws: `RedisError` of kind `unavailable`, also when the process has no descriptor left.
    init(to address: SocketAddress) throws(RedisError) {
        let socket: Int32
        do {
            socket = try address.beginConnecting()
        } catch {
            throw RedisError(error)
        }
        guard let context = redisConnectFd(socket) else {
            close(socket)
            throw RedisError(kind: .unavailable, message: "out of memory")
        }
        // hiredis takes a descriptor that it is given for a blocking one.
        context.pointee.flags &= ~REDIS_BLOCK
        self.context = context
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit { redisFree(context) }

    var descriptor: Int32 { context.pointee.fd }

    /// Checks how the connect ended, once the socket is writable.
    func finishConnecting() throws(RedisError) {
        do {
            try SocketAddress.finishConnecting(descriptor)
        } catch {
            throw RedisError(error)
        }
    }

    /// Adds commands to what will be sent.
    func append(_ commands: RedisCommands) throws(RedisError) {
        let result = commands.bytes.withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) { redisAppendFormattedCommand(context, $0.baseAddress, $0.count) }
        }
        guard result == REDIS_OK else { throw failure }
        hasUnsentBytes = true
    }

    /// Sends as much as the socket takes.
    func flush() throws(RedisError) {
        guard hasUnsentBytes else { return }
        var done: Int32 = 0
        guard redisBufferWrite(context, &done) == REDIS_OK else { throw failure }
        hasUnsentBytes = done == 0
    }

    /// Reads what has come, once the socket is readable: at most ``readBytes``.
    func receive() throws(RedisError) {
        guard redisBufferRead(context) == REDIS_OK else { throw failure }
    }

    /// The number of bytes that hiredis reads at a time.
    static let readBytes = 16_384

    /// The number of bytes that have arrived and not been read.
    var unreadBytes: Int {
        var count: Int32 = 0
        return ioctl(descriptor, UInt(FIONREAD), &count) == 0 ? Int(count) : 0
    }

    /// The next whole reply among the bytes read; nil when there is none.
    func nextReply() throws(RedisError) -> RedisReply? {
        var reply: UnsafeMutableRawPointer?
        guard redisReaderGetReply(context.pointee.reader, &reply) == REDIS_OK else {
            let text = withUnsafeBytes(of: context.pointee.reader.pointee.errstr) { Self.text($0) }
            throw RedisError(kind: .protocol, message: text)
        }
        guard let reply else { return nil }
        defer { freeReplyObject(reply) }
        return RedisReply(reply.assumingMemoryBound(to: redisReply.self).pointee)
    }

    private var failure: RedisError {
        let text = withUnsafeBytes(of: context.pointee.errstr) { Self.text($0) }
        let kind: RedisError.Kind = context.pointee.err == REDIS_ERR_PROTOCOL ? .protocol : .unavailable
        return RedisError(kind: kind, message: text)
    }

    private static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}

extension RedisReply {
    /// A copy of what hiredis read.
    fileprivate init(_ reply: redisReply) {
        var bytes: [UInt8] {
            guard let start = reply.str else { return [] }
            return Array(UnsafeRawBufferPointer(start: start, count: reply.len))
        }
        switch reply.type {
        case REDIS_REPLY_STRING: self = .bytes(bytes)
        case REDIS_REPLY_STATUS: self = .status(String(decoding: bytes, as: UTF8.self))
        case REDIS_REPLY_ERROR: self = .error(String(decoding: bytes, as: UTF8.self))
        case REDIS_REPLY_INTEGER: self = .integer(reply.integer)
        case REDIS_REPLY_ARRAY:
            let elements = UnsafeBufferPointer(start: reply.element, count: reply.element == nil ? 0 : reply.elements)
            self = .array(elements.map { $0.map { RedisReply($0.pointee) } ?? .null })
        default: self = .null
        }
    }
}
