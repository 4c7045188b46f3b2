import Logging
import Metrics
import Redis
import Synchronization
import Telemetry

/// Counters that all gateways share, in Redis. While that is away nothing is counted and so nobody is held up: the
/// shop stays open. That is counted in a metric, and said once.
final class SharedCounters: Sendable {
    private let redis: RedisClient?
    private let logger: Logger
    private let unchecked = Counter(label: "gateway_limits_unchecked")
    private let hasComplained = Atomic<Bool>(false)

    /// - Parameter redis: nil for none: nothing is ever counted.
    init(redis: RedisClient?, logger: Logger) {
        self.redis = redis
        self.logger = logger
    }

    /// Runs a script that answers with whole numbers; nil when it could not be run.
    ///
    /// - Throws: `CancellationError` only.
    func evaluate(_ script: RedisScript, key: String, _ arguments: [RedisArgument]) async throws -> [Int64]? {
        guard let redis else {
            complain("none is set")
            return nil
        }
        do {
            let reply = try await redis.evaluate(script, keys: ["gateway:\(key)"], arguments: arguments)
            guard let numbers = reply.arrayValue?.compactMap(\.integerValue) else {
                throw RedisError(kind: .protocol, message: "not a list of numbers")
            }
            if hasComplained.exchange(false, ordering: .relaxed) {
                logger.notice("redis is back: requests and sign-ins are limited again")
            }
            return numbers
        } catch let error as CancellationError {
            throw error
        } catch {
            complain(String(describing: error))
            return nil
        }
    }

    private func complain(_ reason: String) {
        unchecked.increment()
        if !hasComplained.exchange(true, ordering: .relaxed) {
            logger.warning(
                "there is no redis to count in: requests and sign-ins are not limited", [.error: .string(reason)])
        }
    }
}
