import Crypto
import FoundationEssentials
import Redis

/// Makes whoever guesses a password wait, longer each time. An account is one for all its clients and all gateways.
struct Backoff: Sendable {
    struct Policy: Sendable {
        /// Failures from which on one has to wait.
        var failures: Int64 = 5
        /// The first wait; each further failure doubles it.
        var first: Duration = .seconds(1)
        var longest: Duration = .seconds(900)
    }

    private enum Step: String {
        /// May an attempt begin? If so it counts as a failure, so that of many at once all are counted.
        case begin
        /// It failed: the wait begins now.
        case fail
        /// It came to nothing.
        case undo
        /// It succeeded.
        case clear
    }

    let counters: SharedCounters
    var policy = Policy()

    /// Runs an attempt to show a password, unless its account has to wait.
    ///
    /// - Parameters:
    ///   - purpose: What the password is shown for; each has its own count.
    ///   - account: Whose; only a hash of it is stored.
    ///   - attempt: Returns nil for a wrong password; what it throws does not count.
    /// - Throws: A ``Problem`` (429 `too_many_attempts`) before the attempt; what the attempt throws.
    func guarding<Result: Sendable>(
        _ purpose: String, of account: String, _ attempt: () async throws -> Result?
    ) async throws -> Result? {
        let digest = SHA256.hash(data: Data(account.utf8))
        let key = "backoff:\(purpose):\(Data(digest).base64EncodedString())"
        if let wait = try await take(.begin, key: key), wait > 0 {
            throw Problem.tooManyAttempts(retryAfter: wholeSeconds(wait))
        }
        do {
            let result = try await attempt()
            // Whoever hangs up now does not get away with it: an attempt counts unless it is cleared.
            _ = try await take(result == nil ? .fail : .clear, key: key)
            return result
        } catch {
            _ = try? await take(.undo, key: key)
            throw error
        }
    }

    /// Microseconds to wait; nil where nothing can be counted.
    private func take(_ step: Step, key: String) async throws -> Int64? {
        try await take(step.rawValue, key: key, now: nil)
    }

    /// The same by its name and with a time of its own, in microseconds, for tests.
    func take(_ step: String, key: String, now: Int64?) async throws -> Int64? {
        let numbers = try await counters.evaluate(
            Self.script, key: key,
            [
                .string(step), .int(policy.failures), .int(policy.first.microseconds),
                .int(policy.longest.microseconds), .int(Self.memory), now.map(RedisArgument.int) ?? "",
            ])
        return numbers?.first
    }

    /// Milliseconds after its last failure that an account's failures are forgotten: a day.
    private static let memory: Int64 = 86_400_000

    /// Answers with the microseconds to wait: for `begin` until it may, else until the next one may.
    private static let script = RedisScript(
        """
        local step, free, first, longest = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
        local now = tonumber(ARGV[6])
        if not now then
          local time = redis.call('TIME')
          now = time[1] * 1000000 + time[2]
        end
        local state = redis.call('HMGET', KEYS[1], 'failures', 'until')
        local failures, closed = tonumber(state[1]) or 0, tonumber(state[2]) or 0
        if step == 'begin' then
          if now < closed then return {closed - now} end
          failures = failures + 1
        elseif step == 'undo' then
          failures = failures - 1
        elseif step == 'clear' then
          failures = 0
        end
        if failures <= 0 then
          redis.call('DEL', KEYS[1])
          return {0}
        end
        local wait = 0
        if failures >= free and step ~= 'undo' then
          wait = math.min(first * 2 ^ (failures - free), longest)
        end
        redis.call('HSET', KEYS[1], 'failures', failures, 'until', string.format('%.0f', now + wait))
        redis.call('PEXPIRE', KEYS[1], ARGV[5])
        return {step == 'begin' and 0 or wait}
        """)
}

extension Duration {
    fileprivate var microseconds: Int64 {
        components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    }
}
