import Redis

/// The failures of one origin at one account, and how long it has to wait after them.
struct FailureCount: Sendable {
    enum Step: String, Sendable {
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
    let key: String
    let policy: Backoff.Policy
    /// The time an origin without any failures waits before its first attempt.
    var knock = Duration.zero

    /// Takes a step and returns the microseconds to wait: for `begin` until it may, else until the next one may.
    ///
    /// - Parameter now: Microseconds, for tests; by default Redis' own time.
    /// - Throws: `CancellationError` only.
    func take(_ step: Step, now: Int64? = nil) async throws -> Int64 {
        let numbers = try await counters.evaluate(
            Self.script, key: key, count: 1,
            [
                .string(step.rawValue), .int(policy.failures), .int(policy.first.microseconds),
                .int(policy.longest.microseconds), .int(Self.memory.microseconds / 1000),
                now.map(RedisArgument.int) ?? "", .int(knock.microseconds),
            ])
        return numbers?[0] ?? takeLocally(step, now: now ?? counters.local.now)
    }

    /// The time after the last failure they are forgotten.
    private static let memory = Duration.seconds(86_400)

    /// Does what ``script`` does.
    private func takeLocally(_ step: Step, now: Int64) -> Int64 {
        counters.local.withFailures(key) { state in
            let known = state.flatMap { $0.end > now ? $0 : nil }
            var failures = known ?? LocalCounters.Failures()
            failures.end = now + Self.memory.microseconds
            switch step {
            case .begin:
                if known == nil, knock > .zero {
                    failures.until = now + knock.microseconds
                    state = failures
                    return knock.microseconds
                }
                if now < failures.until { return failures.until - now }
                failures.count += 1
            case .fail: break
            case .undo: failures.count -= 1
            case .clear: failures.count = 0
            }
            guard failures.count > 0 else {
                // Who has knocked and was let in need not knock again for what came to nothing.
                failures.until = now
                state = step == .undo && knock > .zero ? failures : nil
                return 0
            }
            var wait: Int64 = 0
            if failures.count >= policy.failures, step != .undo {
                // Past 62 doublings it is the longest anyhow.
                let doublings = min(failures.count - policy.failures, 40)
                let (grown, overflows) = policy.first.microseconds.multipliedReportingOverflow(by: 1 << doublings)
                wait = overflows ? policy.longest.microseconds : min(grown, policy.longest.microseconds)
            }
            failures.until = now + wait
            state = failures
            return step == .begin ? 0 : wait
        }
    }

    private static let script = RedisScript(
        """
        local step, free, first, longest = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
        local now, knock = tonumber(ARGV[6]), tonumber(ARGV[7])
        if not now then
          local time = redis.call('TIME')
          now = time[1] * 1000000 + time[2]
        end
        local state = redis.call('HMGET', KEYS[1], 'failures', 'until')
        local failures, closed = tonumber(state[1]) or 0, tonumber(state[2]) or 0
        local function keep(failures, closed)
          redis.call('HSET', KEYS[1], 'failures', failures, 'until', string.format('%.0f', closed))
          redis.call('PEXPIRE', KEYS[1], ARGV[5])
        end
        if step == 'begin' then
          if knock > 0 and not state[1] then
            keep(0, now + knock)
            return {knock}
          end
          if now < closed then return {closed - now} end
          failures = failures + 1
        elseif step == 'undo' then
          failures = failures - 1
        elseif step == 'clear' then
          failures = 0
        end
        if failures <= 0 then
          -- Who has knocked and was let in need not knock again for what came to nothing.
          if step == 'undo' and knock > 0 then keep(0, now) else redis.call('DEL', KEYS[1]) end
          return {0}
        end
        local wait = 0
        if failures >= free and step ~= 'undo' then
          wait = math.min(first * 2 ^ (failures - free), longest)
        end
        keep(failures, now + wait)
        return {step == 'begin' and 0 or wait}
        """)
}
