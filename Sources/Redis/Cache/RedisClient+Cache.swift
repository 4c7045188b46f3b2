import CoreMetrics
import Logging
import Synchronization

/// The cache face: it never throws. A failure is a miss, or a write that did not happen.
extension RedisClient {
    /// The value of `key`; nil when there is none or Redis cannot be asked.
    public func get(_ key: String) async -> [UInt8]? {
        await read(["GET", .string(configuration.prefixed(key))], count: 1) { [$0] }.first ?? nil
    }

    /// The values of `keys`, in their order, in one round trip.
    public func get(_ keys: [String]) async -> [[UInt8]?] {
        guard !keys.isEmpty else { return [] }
        let command = ["MGET"] + keys.map { RedisArgument.string(configuration.prefixed($0)) }
        return await read(command, count: keys.count) { $0.arrayValue }
    }

    /// Stores `value` for `ttl`, kept to the millisecond; a `ttl` of zero or less deletes the key.
    public func set(_ key: String, _ value: [UInt8], ttl: Duration) async {
        guard ttl > .zero else { return await delete([key]) }
        let (seconds, attoseconds) = ttl.components
        // Redis refuses times past the end of its clock; a century will do for a cache.
        let milliseconds = min(seconds, 3_155_760_000) * 1000 + attoseconds / 1_000_000_000_000_000
        await write([
            "SET", .string(configuration.prefixed(key)), .bytes(value), "PX", .int(max(milliseconds, 1)),
        ])
    }

    /// Deletes `keys`.
    ///
    /// When Redis is away the values stay until their time ends: choose the `ttl` so that this may be.
    public func delete(_ keys: [String]) async {
        guard !keys.isEmpty else { return }
        await write(["UNLINK"] + keys.map { .string(configuration.prefixed($0)) })
    }

    private func read(
        _ command: [RedisArgument], count: Int, values: (RedisReply) -> [RedisReply]?
    ) async -> [[UInt8]?] {
        do {
            let reply = try await send(command)
            guard let found = values(reply), found.count == count else {
                throw RedisError(kind: .protocol, message: "not the expected number of values")
            }
            cacheComplained.store(false, ordering: .relaxed)
            return found.map { value in
                (value.bytesValue == nil ? metrics.misses : metrics.hits).increment()
                return value.bytesValue
            }
        } catch {
            metrics.failedReads.increment(by: count)
            complain(error)
            return Array(repeating: nil, count: count)
        }
    }

    private func write(_ command: [RedisArgument]) async {
        do {
            try await send(command)
            cacheComplained.store(false, ordering: .relaxed)
            metrics.writes.increment()
        } catch {
            metrics.failedWrites.increment()
            complain(error)
        }
    }

    /// Logs what the connection's own log does not show: that the server answers, but with errors.
    private func complain(_ error: any Error) {
        guard let error = error as? RedisError, error.kind == .server || error.kind == .protocol,
            // These are logged where they are heard.
            !RedisMetrics.serverCodes.contains(error.code ?? ""),
            !cacheComplained.exchange(true, ordering: .relaxed)
        else { return }
        logger.warning(
            "redis refuses the cache's commands",
            metadata: ["server": "\(configuration.redacted)", "error": "\(error.message)"])
    }
}
