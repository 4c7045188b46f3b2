import Redis

/// How many requests a client may make: a bucket of as many tokens, which fills at an even pace.
struct RatePolicy: Sendable {
    let name: String
    /// Requests in a window; 0 for no limit.
    let quota: Int
    /// In whole seconds.
    var window: Int64 = 60
}

/// Counts the requests of each client.
struct RateLimiter: Sendable {
    /// What becomes of one request.
    struct Verdict: Sendable, Equatable {
        var isAllowed: Bool
        /// Requests that may follow at once.
        var remaining: Int64
        /// Seconds until the bucket is full again.
        var reset: Int64
        /// Seconds after which another try makes sense; 0 if it is allowed.
        var retryAfter: Int64
    }

    let counters: SharedCounters

    /// Takes a token from a client's bucket; nil where nothing can be counted.
    ///
    /// - Parameter now: Microseconds; by default Redis' own time, which is the same for all gateways.
    /// - Throws: `CancellationError` only.
    func take(_ policy: RatePolicy, client: String, now: Int64? = nil) async throws -> Verdict? {
        let interval = policy.window * 1_000_000 / Int64(policy.quota)
        let numbers = try await counters.evaluate(
            Self.script, key: "rate:\(policy.name):\(client)",
            [.int(interval), .int(Int64(policy.quota)), now.map(RedisArgument.int) ?? ""])
        guard let numbers, numbers.count == 4 else { return nil }
        return Verdict(
            isAllowed: numbers[0] == 1, remaining: numbers[1], reset: wholeSeconds(numbers[2]),
            retryAfter: wholeSeconds(numbers[3]))
    }

    /// Keeps one number a client: when the bucket will be full again, in microseconds.
    private static let script = RedisScript(
        """
        local interval, quota, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
        if not now then
          local time = redis.call('TIME')
          now = time[1] * 1000000 + time[2]
        end
        local missing = math.max((tonumber(redis.call('GET', KEYS[1])) or 0) - now, 0)
        local wait = math.max(missing + interval - interval * quota, 0)
        if wait == 0 then
          missing = missing + interval
          redis.call('SET', KEYS[1], string.format('%.0f', now + missing), 'PX', math.ceil(missing / 1000))
        end
        local remaining = math.max(math.floor(quota - missing / interval), 0)
        return {wait == 0 and 1 or 0, remaining, missing, wait}
        """)
}

/// Microseconds as whole seconds, rounded up.
func wholeSeconds(_ microseconds: Int64) -> Int64 {
    (microseconds + 999_999) / 1_000_000
}
