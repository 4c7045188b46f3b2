/// The times at which a relay looks for what others have left over: rarer while there is nothing to publish.
///
/// What the process itself commits is handed over and needs no look. Where messages flow, a process that ends or loses the
/// broker may leave some; in an idle shop each look is a transaction for nothing.
struct RelayLooks {
    typealias Instant = ContinuousClock.Instant

    private let shortest: Duration
    private let longest: Duration
    private var interval: Duration
    /// The time of the next look.
    private(set) var next: Instant

    /// - Parameter now: The time of the first look.
    init(_ options: OutboxRelay.Options, at now: Instant) {
        shortest = options.pollInterval
        longest = options.longestPollInterval
        interval = shortest
        next = now
    }

    /// Notes that there is something to publish, or that it cannot be known: the next look is soon.
    mutating func hasWork(at now: Instant) {
        interval = shortest
        next = min(next, now + shortest)
    }

    /// Notes a look. One that has found nothing doubles the interval of the look after the next.
    ///
    /// - Parameters:
    ///   - limit: The most that it could find: then there may be more, and the next look is at once.
    ///   - jitter: Factor of the interval.
    mutating func hasLooked(found count: Int, of limit: Int, at now: Instant, jitter: Double) {
        if count > 0 { interval = shortest }
        next = count == limit ? now : now + interval * jitter
        if count == 0 { interval = min(interval * 2, longest) }
    }
}
