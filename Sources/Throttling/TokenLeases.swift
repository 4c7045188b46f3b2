import Synchronization

/// Tokens that this process has taken out of clients' buckets in advance: a busy client's requests cost no round trip
/// each.
///
/// Who comes now and then is counted one by one. A block that is used up before the bucket would have filled again by as
/// much is followed by one of twice the size, up to a sixteenth of the quota; what is left of a block by then is gone.
/// So a client of several gateways gets a little less than its quota at worst, and never more.
final class TokenLeases: Sendable {
    /// A client's block.
    private struct Lease {
        var left: Int64 = 0
        /// Tokens that the bucket held when the block was taken.
        var remaining: Int64 = 0
        /// The time when the bucket is full again, and when the block is gone; microseconds.
        var full: Int64 = 0
        var end: Int64 = 0
        /// The size of the next block.
        var size: Int64 = 1
        /// Until when the bucket is empty.
        var emptyUntil: Int64 = 0
    }

    /// The part of a quota that a block may be.
    static let largestPart: Int64 = 16
    /// The most clients that are remembered.
    private static let capacity = 20_000

    private let leases = Mutex(RecentTable<Lease>(capacity: TokenLeases.capacity))
    private let start = ContinuousClock.now

    private var now: Int64 { start.duration(to: .now).microseconds }

    /// Takes a token of a block, or learns that the bucket is empty still; nil if the bucket must be asked.
    func spend(_ key: String) -> RateLimiter.Verdict? {
        let now = now
        return leases.withLock { leases in
            guard var lease = leases[key] else { return nil }
            if now < lease.emptyUntil {
                return RateLimiter.Verdict(
                    isAllowed: false, remaining: 0, reset: wholeSeconds(max(lease.full - now, 0)),
                    retryAfter: wholeSeconds(lease.emptyUntil - now))
            }
            guard lease.left > 0, now < lease.end else { return nil }
            lease.left -= 1
            leases[key] = lease
            return RateLimiter.Verdict(
                isAllowed: true, remaining: lease.remaining + lease.left,
                reset: wholeSeconds(max(lease.full - now, 0)), retryAfter: 0)
        }
    }

    /// The size of the block to take next.
    func wanted(_ key: String, quota: Int64) -> Int64 {
        let now = now
        return leases.withLock { leases in
            guard var lease = leases[key] else { return 1 }
            // Used up in time, or left over.
            lease.size = now < lease.end ? min(lease.size * 2, max(quota / Self.largestPart, 1)) : 1
            leases[key] = lease
            return lease.size
        }
    }

    /// Notes what the bucket has given: one token is spent at once, the others are a block.
    ///
    /// - Parameters:
    ///   - taken: How many tokens; 0 if it was empty.
    ///   - interval: Microseconds in which one comes back.
    ///   - missing: Microseconds until the bucket is full again.
    ///   - wait: Microseconds until it has a token again.
    func note(_ key: String, taken: Int64, interval: Int64, remaining: Int64, missing: Int64, wait: Int64) {
        let now = now
        leases.withLock { leases in
            var lease = leases[key] ?? Lease()
            if now >= lease.end { lease.left = 0 }
            lease.left += max(taken - 1, 0)
            lease.remaining = remaining
            lease.full = now + missing
            if taken > 0 { lease.end = now + taken * interval }
            lease.emptyUntil = now + wait
            leases[key] = lease
        }
    }
}
