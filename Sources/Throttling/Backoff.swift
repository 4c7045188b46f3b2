import Crypto
import FoundationEssentials

/// Makes whoever guesses a password wait, longer each time, and nobody else.
///
/// Failures are counted by account and origin, where they close the way for up to 15 minutes, so that nobody can keep
/// an owner out from elsewhere. By account alone they only make an origin that has not been seen there knock, wait
/// some seconds, and then try once instead of five times: guesses from many networks are slowed, and the owner, from a
/// new network too, gets in after those seconds.
public struct Backoff: Sendable {
    /// The time that somebody waits, and the number of failures after which.
    public struct Policy: Sendable {
        /// Failures from which on one has to wait.
        public var failures: Int64 = 5
        /// The first wait; each further failure doubles it.
        public var first: Duration = .seconds(1)
        /// The longest wait.
        public var longest: Duration = .seconds(900)
        /// Failures of an account within ``window``, from wherever, that put it under suspicion.
        public var suspicious: Int64 = 100
        public var window: Duration = .seconds(3600)
        /// The time an origin that is new to an account under suspicion waits before its first attempt.
        public var knock: Duration = .seconds(10)

        /// The usual one.
        public init() {}
    }

    let counters: SharedCounters
    let policy: Policy

    /// - Parameters:
    ///   - counters: Where attempts are counted.
    ///   - policy: How long who waits.
    public init(counters: SharedCounters, policy: Policy = .init()) {
        self.counters = counters
        self.policy = policy
    }

    /// Runs an attempt to show a password, unless it has to wait.
    ///
    /// - Parameters:
    ///   - purpose: What the password is shown for; each has its own count.
    ///   - account: Whose; only a hash of it is stored.
    ///   - origins: Where the attempt comes from, from the narrowest on; only hashes of them are stored.
    ///   - isFamiliar: Whether the origin is known to be the account's own; asked only under suspicion.
    ///   - attempt: Returns nil for a wrong password; what it throws does not count.
    /// - Throws: ``TooManyAttempts`` before the attempt; what the attempt throws.
    public func guarding<Result: Sendable>(
        _ purpose: String, of account: String, from origins: [Origin], isFamiliar: () async throws -> Bool = { true },
        _ attempt: () async throws -> Result?
    ) async throws -> Result? {
        let suspicion = Suspicion(counters: counters, key: Self.key("suspicion", purpose, account), policy: policy)
        let isSuspect = try await suspicion.failures() >= policy.suspicious
        let isStrange = if isSuspect { try await !isFamiliar() } else { false }
        let counts = origins.map { origin in
            FailureCount(
                counters: counters, key: Self.key("backoff", purpose, account, origin.name),
                policy: free(origin.share * (isStrange ? 1 : policy.failures)), knock: isStrange ? policy.knock : .zero)
        }
        for (index, count) in counts.enumerated() {
            let wait = try await count.take(.begin)
            guard wait > 0 else { continue }
            for begun in counts[..<index] { _ = try await begun.take(.undo) }
            throw TooManyAttempts(retryAfter: wholeSeconds(wait))
        }
        do {
            let result = try await attempt()
            // Whoever hangs up now does not get away with it: an attempt counts unless it is cleared.
            for count in counts { _ = try await count.take(result == nil ? .fail : .clear) }
            if result == nil { try await suspicion.add() }
            return result
        } catch {
            for count in counts { _ = try? await count.take(.undo) }
            throw error
        }
    }

    private func free(_ failures: Int64) -> Policy {
        var policy = policy
        policy.failures = failures
        return policy
    }

    private static func key(_ kind: String, _ purpose: String, _ parts: String...) -> String {
        let digest = SHA256.hash(data: Data(parts.joined(separator: "\n").utf8))
        return "\(kind):\(purpose):\(Data(digest).base64EncodedString())"
    }
}
