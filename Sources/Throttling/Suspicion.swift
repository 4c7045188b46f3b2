import Redis

/// The failures of an account within a while, from wherever they come.
struct Suspicion: Sendable {
    let counters: SharedCounters
    let key: String
    let policy: Backoff.Policy

    /// Failures since the window began.
    func failures() async throws -> Int64 { try await take(adding: 0) }

    /// Counts one more.
    func add() async throws { _ = try await take(adding: 1) }

    private func take(adding number: Int64) async throws -> Int64 {
        let numbers = try await counters.evaluate(
            Self.script, key: key, count: 1, [.int(number), .int(policy.window.microseconds / 1000)])
        if let numbers { return numbers[0] }
        let now = counters.local.now
        return counters.local.withFailures(key) { state in
            let known = state.flatMap { $0.end > now ? $0 : nil }
            guard known != nil || number > 0 else { return 0 }
            var failures = known ?? LocalCounters.Failures(end: now + policy.window.microseconds)
            failures.count += number
            state = failures
            return failures.count
        }
    }

    /// The window begins with the first failure; later ones do not make it longer.
    private static let script = RedisScript(
        """
        local number = tonumber(ARGV[1])
        if number == 0 then return {tonumber(redis.call('GET', KEYS[1])) or 0} end
        local count = redis.call('INCRBY', KEYS[1], number)
        if count == number then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
        return {count}
        """)
}
