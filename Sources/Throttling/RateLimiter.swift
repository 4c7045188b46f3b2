import Redis

/// The number of requests that a client may make: a bucket of as many tokens, which fills at an even pace.
public struct RatePolicy: Sendable {
    /// Its name in keys and answers.
    public let name: String
    /// Requests in a window; 0 for no limit.
    public let quota: Int
    /// In whole seconds.
    public var window: Int64

    /// - Parameters:
    ///   - quota: Requests in a window; 0 for no limit.
    ///   - window: Whole seconds.
    public init(name: String, quota: Int, window: Int64 = 60) {
        self.name = name
        self.quota = quota
        self.window = window
    }
}

/// Counts the requests of each client.
public struct RateLimiter: Sendable {
    /// The fate of one request.
    public struct Verdict: Sendable, Equatable {
        /// Whether it is served.
        public var isAllowed: Bool
        /// Requests that may follow at once.
        public var remaining: Int64
        /// Seconds until the bucket is full again.
        public var reset: Int64
        /// Seconds after which another try makes sense; 0 if it is allowed.
        public var retryAfter: Int64
    }

    let counters: SharedCounters
    private let leases = TokenLeases()

    /// - Parameter counters: Where requests are counted.
    public init(counters: SharedCounters) {
        self.counters = counters
    }

    /// Takes a token from each of a client's buckets, from the narrowest on; the first that is empty refuses, and
    /// those after it lose nothing by it.
    ///
    /// - Parameter prefix: Tells apart what the same client is counted for.
    /// - Returns: The refusal, or the verdict of the bucket with the least left.
    /// - Throws: `CancellationError` only.
    public func take(_ policy: RatePolicy, prefix: String = "", origins: [Origin]) async throws -> Verdict {
        var least: Verdict?
        for origin in origins {
            let verdict = try await take(policy, client: prefix + origin.name, share: origin.share)
            if !verdict.isAllowed { return verdict }
            if verdict.remaining < least?.remaining ?? .max { least = verdict }
        }
        return least ?? Verdict(isAllowed: true, remaining: Int64(policy.quota), reset: 0, retryAfter: 0)
    }

    /// Takes a token from a client's bucket.
    ///
    /// - Parameters:
    ///   - share: How many times the quota it holds.
    ///   - now: Microseconds, and a request that is counted by itself; by default Redis' own time, which is the same for
    ///     all gateways.
    /// - Throws: `CancellationError` only.
    public func take(_ policy: RatePolicy, client: String, share: Int64 = 1, now: Int64? = nil) async throws -> Verdict
    {
        let quota = max(Int64(policy.quota), 1) * share
        let interval = max(policy.window * 1_000_000 / quota, 1)
        let key = "rate:\(policy.name):\(client)"
        if now == nil, let verdict = leases.spend(key) { return verdict }
        let wanted = now == nil ? leases.wanted(key, quota: quota) : 1
        let numbers = try await counters.evaluate(
            Self.script, key: key, count: 4,
            [.int(interval), .int(quota), now.map(RedisArgument.int) ?? "", .int(wanted)])
        guard let numbers else { return takeLocally(key, interval: interval, quota: quota, now: now) }
        let (taken, remaining, missing, wait) = (numbers[0], numbers[1], numbers[2], numbers[3])
        // Whatever Redis says, no more than was asked for.
        let block = min(max(taken, 0), wanted)
        if now == nil {
            leases.note(
                key, taken: block, interval: interval, remaining: remaining, missing: missing, wait: wait)
        }
        return Verdict(
            isAllowed: block > 0, remaining: remaining + max(block - 1, 0), reset: wholeSeconds(missing),
            retryAfter: wholeSeconds(wait))
    }

    /// Does what ``script`` does.
    private func takeLocally(_ key: String, interval: Int64, quota: Int64, now: Int64?) -> Verdict {
        let now = now ?? counters.local.now
        return counters.local.withBucket(key) { full in
            var missing = max((full ?? 0) - now, 0)
            let wait = max(missing + interval - interval * quota, 0)
            if wait == 0 {
                missing += interval
                full = now + missing
            }
            return Verdict(
                isAllowed: wait == 0, remaining: max(quota - (missing + interval - 1) / interval, 0),
                reset: wholeSeconds(missing), retryAfter: wholeSeconds(wait))
        }
    }

    /// Takes up to so many tokens. Keeps one number a client: when the bucket will be full again, in microseconds.
    private static let script = RedisScript(
        """
        local interval, quota, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
        if not now then
          local time = redis.call('TIME')
          now = time[1] * 1000000 + time[2]
        end
        local missing = math.max((tonumber(redis.call('GET', KEYS[1])) or 0) - now, 0)
        local wait = math.max(missing + interval - interval * quota, 0)
        local taken = 0
        if wait == 0 then
          taken = math.min(tonumber(ARGV[4]), math.floor((interval * quota - missing) / interval))
          missing = missing + taken * interval
          redis.call('SET', KEYS[1], string.format('%.0f', now + missing), 'PX', math.ceil(missing / 1000))
        end
        local remaining = math.max(math.floor(quota - missing / interval), 0)
        return {taken, remaining, missing, wait}
        """)
}

/// Microseconds as whole seconds, rounded up.
func wholeSeconds(_ microseconds: Int64) -> Int64 {
    microseconds / 1_000_000 + (microseconds % 1_000_000 > 0 ? 1 : 0)
}
