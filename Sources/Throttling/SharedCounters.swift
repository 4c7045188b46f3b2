public import Logging
import Metrics
public import Redis
import Synchronization
import Telemetry

/// Counters that all gateways share, in Redis. While it does not count, each process counts for itself: the shop stays
/// open, and its limits hold. That is counted in a metric, and logged when it begins, when its cause changes, and when
/// it ends.
public final class SharedCounters: Sendable {
    /// The counts that this process keeps meanwhile.
    let local = LocalCounters()

    private let redis: RedisClient?
    private let logger: Logger
    /// The reason why nothing is counted in Redis at the moment; nil while it counts.
    private let trouble = Mutex<String?>(nil)

    /// - Parameter redis: nil for none: each process counts for itself.
    public init(redis: RedisClient?, logger: Logger) {
        self.redis = redis
        self.logger = logger
    }

    /// Runs a script that answers with `count` whole numbers; nil when it could not be run, to be counted in
    /// ``local`` then.
    ///
    /// - Throws: `CancellationError` only.
    func evaluate(
        _ script: RedisScript, key: String, count: Int, _ arguments: [RedisArgument]
    ) async throws -> [Int64]? {
        guard let redis else {
            note(trouble: "none is set", "there is no redis")
            return nil
        }
        do {
            let reply = try await redis.evaluate(script, keys: ["gateway:\(key)"], arguments: arguments)
            guard let numbers = reply.arrayValue?.compactMap(\.integerValue), numbers.count == count else {
                throw RedisError(kind: .protocol, message: "not a list of \(count) numbers")
            }
            noteSuccess()
            return numbers
        } catch let error as CancellationError {
            throw error
        } catch {
            let kind = (error as? RedisError).map { $0.code ?? $0.kind.rawValue } ?? "other"
            note(trouble: kind, String(describing: error))
            return nil
        }
    }

    private func note(trouble kind: String, _ reason: String) {
        Counter(label: "gateway_limits_local", dimensions: [("reason", kind)]).increment()
        let isNews = trouble.withLock { trouble in
            defer { trouble = kind }
            return trouble != kind
        }
        guard isNews else { return }
        logger.warning(
            "redis does not count requests and sign-ins: this process limits them by itself",
            [.error: .string(reason)])
    }

    private func noteSuccess() {
        let hadTrouble = trouble.withLock { trouble in
            defer { trouble = nil }
            return trouble != nil
        }
        if hadTrouble { logger.notice("redis counts again: all gateways share their limits") }
    }
}
