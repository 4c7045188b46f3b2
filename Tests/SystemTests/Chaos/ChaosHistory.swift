import Synchronization

/// What clients asked for, and what they were told.
final class ChaosHistory: Sendable {
    /// What is known of a request that carried a key, all its repetitions together.
    enum Outcome: Sendable, Equatable {
        /// It was promised that nothing was done, each time.
        case notDone
        /// It may have been done.
        case unknown
        /// It was done; the id that was told.
        case acknowledged(Int64)
    }

    /// An order that was asked for.
    struct Order: Sendable {
        let buyer: Int64
        let product: Int64
        let quantity: Int64
        var outcome = Outcome.notDone
        /// The answers, for whoever looks into a broken promise.
        var answers: [String] = []
        /// When it was asked for first.
        let asked = ContinuousClock.now
        /// When it was acknowledged first.
        var acknowledged: ContinuousClock.Instant?
    }

    /// A top-up that was asked for.
    struct TopUp: Sendable {
        let buyer: Int64
        let amount: Int64
        var outcome = Outcome.notDone
        /// The answers, for whoever looks into a broken promise.
        var answers: [String] = []
    }

    private struct State {
        var requests = 0
        var orders: [String: Order] = [:]
        var topUps: [String: TopUp] = [:]
        var cancellations: Set<Int64> = []
        var violations: [String] = []
    }

    private let state = Mutex(State())

    var requests: Int { state.withLock { $0.requests } }
    var orders: [String: Order] { state.withLock { $0.orders } }
    var topUps: [String: TopUp] { state.withLock { $0.topUps } }
    /// Orders whose cancellation was taken on.
    var cancellations: Set<Int64> { state.withLock { $0.cancellations } }
    var violations: [String] { state.withLock { $0.violations } }

    func countRequest() { state.withLock { $0.requests += 1 } }

    func invoke(_ key: String, _ order: Order) {
        state.withLock { if $0.orders[key] == nil { $0.orders[key] = order } }
    }

    func invoke(_ key: String, _ topUp: TopUp) {
        state.withLock { if $0.topUps[key] == nil { $0.topUps[key] = topUp } }
    }

    func note(order key: String, _ outcome: Outcome, answer: String) {
        state.withLock { state in
            guard let before = state.orders[key]?.outcome else { return }
            state.orders[key]?.answers.append(answer)
            let after = Self.merge(key, before, outcome, &state.violations)
            state.orders[key]?.outcome = after
            if case .acknowledged = after, state.orders[key]?.acknowledged == nil {
                state.orders[key]?.acknowledged = .now
            }
        }
    }

    func note(topUp key: String, _ outcome: Outcome, answer: String) {
        state.withLock { state in
            guard let before = state.topUps[key]?.outcome else { return }
            state.topUps[key]?.answers.append(answer)
            state.topUps[key]?.outcome = Self.merge(key, before, outcome, &state.violations)
        }
    }

    func noteCancellation(of order: Int64) { _ = state.withLock { $0.cancellations.insert(order) } }

    func violate(_ what: String) { state.withLock { $0.violations.append(what) } }

    /// Whoever was told an id once may not be told another, and what may have been done stays so.
    private static func merge(
        _ key: String, _ before: Outcome, _ after: Outcome, _ violations: inout [String]
    ) -> Outcome {
        switch (before, after) {
        case (.acknowledged(let first), .acknowledged(let second)):
            if first != second { violations.append("\(key) was acknowledged as \(first) and as \(second)") }
            return before
        case (.acknowledged, _): return before
        case (.unknown, .notDone): return before
        default: return after
        }
    }
}
