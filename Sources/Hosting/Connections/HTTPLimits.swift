/// The time that a client may take over something in all, and how slowly it may go.
public struct Pace: Sendable, Hashable {
    /// The longest it may take.
    public var total: Duration
    /// The time it may take before it must have gone at ``bytesPerSecond`` on average.
    public var grace: Duration
    /// The lowest rate.
    public var bytesPerSecond: Int

    /// Describes a pace.
    public init(total: Duration, grace: Duration, bytesPerSecond: Int) {
        self.total = total
        self.grace = grace
        self.bytesPerSecond = bytesPerSecond
    }

    /// The time it may have taken when so many bytes have gone.
    func allowance(_ bytes: Int) -> Duration {
        // No wait lasts longer than a day: the product cannot overflow.
        min(total, grace + .seconds(min(bytes / max(bytesPerSecond, 1), 86_400)))
    }
}

/// Limits of an HTTP/1.1 connection, and how long its client is waited for.
///
/// Only the client's time counts: not while a request is being worked on, nor while nothing is read from it.
public struct HTTPLimits: Sendable, Hashable {
    /// The usual lowest rate of a head, in bytes a second.
    static let headRate = 100
    /// The usual lowest rate of everything else, in bytes a second.
    static let otherRate = 250

    /// The time a client may be silent between two requests, and before the first.
    public var idle = ShopConfiguration.standard.gatewayIdleTimeout
    /// A request's head, from its first byte.
    public var head = Pace(
        total: ShopConfiguration.standard.gatewayHeadTimeout, grace: .seconds(5), bytesPerSecond: headRate)
    /// A request's body, its framing included.
    public var body = Pace(
        total: ShopConfiguration.standard.gatewayBodyTimeout, grace: .seconds(10), bytesPerSecond: otherRate)
    /// An answer, from when the client's side takes no more of it.
    public var answer = Pace(
        total: ShopConfiguration.standard.gatewayAnswerTimeout, grace: .seconds(10), bytesPerSecond: otherRate)
    /// The time a client is waited for to end a connection whose last answer it has been sent.
    public var end: Duration = .seconds(5)
    /// The time any of these may still take once the server stops.
    public var stop: Duration = .seconds(5)
    /// Bytes that a client may send while nothing of them is a head yet.
    public var headBytes = 128 << 10
    /// Bytes of one request, its head and framing included.
    public var requestBytes = 8 << 20
    /// Bytes that are taken and dropped after the last answer, for the client to read it.
    public var endBytes = 4 << 20
    /// Requests that may wait on a connection for the answer of the one before.
    public var pipelined = 32

    /// The usual ones.
    public init() {}
}
