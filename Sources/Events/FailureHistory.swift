public import FoundationEssentials
import RabbitMQ

/// The failed attempts at handling a message. They travel with it: through the retry queues, and also back from the
/// dead letters, so that whoever handles it at last can record what kept it.
public struct FailureHistory: Sendable, Equatable {
    enum Header {
        static let count = "shop-failures"
        static let since = "shop-failing-since"
        static let last = "shop-failed-at"
        static let gaveUpAt = "shop-gave-up-at"
        static let gaveUpReason = "shop-gave-up-reason"
    }

    /// The most code points of a reason: headers have a limit, and a character may have any number of them.
    static let reasonLimit = 500

    /// Their number, those before it was given up on among them.
    public var count = 0
    /// The time of the first; nil if an older program has charged it.
    public var since: Date?
    /// The time of the last; nil if an older program has charged it.
    public var lastAt: Date?
    /// The time when it was last given up on, before it was sent back; nil if it never was.
    public var gaveUpAt: Date?
    /// The class of that error and the reason.
    public var gaveUpReason: String?

    /// A history without a failure.
    public init() {}

    /// The history that headers tell; nil if nothing has failed.
    init?(_ headers: [String: HeaderValue]) {
        let charged = headers[WireFormat.Header.attempt]?.intValue ?? 0
        let told = headers[Header.count]?.intValue ?? 0
        // An older program that has charged an attempt meanwhile has counted only since it was sent back.
        count = Int(min(max(charged, told, 0), 1_000_000))
        guard count > 0 else { return nil }
        since = Self.date(headers[Header.since])
        lastAt = Self.date(headers[Header.last])
        gaveUpAt = Self.date(headers[Header.gaveUpAt])
        gaveUpReason = headers[Header.gaveUpReason]?.stringValue.map(Self.bounded)
    }

    /// Adds the history to headers.
    func write(to headers: inout [String: HeaderValue]) {
        headers[Header.count] = .int(Int64(count))
        headers[Header.since] = since.map(Self.value)
        headers[Header.last] = lastAt.map(Self.value)
        headers[Header.gaveUpAt] = gaveUpAt.map(Self.value)
        headers[Header.gaveUpReason] = gaveUpReason.map { .string($0) }
    }

    /// Adds a failure.
    mutating func fail(at now: Date?) {
        if count == 0 { since = now }
        count += 1
        lastAt = now
    }

    /// The microseconds since 1970 as a header's value.
    static func value(_ date: Date) -> HeaderValue { .int(Int64((date.timeIntervalSince1970 * 1_000_000).rounded())) }

    /// The time that a header tells in microseconds since 1970; nil for what no clock of a shop shows.
    static func date(_ value: HeaderValue?) -> Date? {
        guard let microseconds = value?.intValue, (1..<endOfTime * 1_000_000).contains(microseconds) else { return nil }
        return Date(timeIntervalSince1970: Double(microseconds) / 1_000_000)
    }

    /// The same of a header that tells it in seconds.
    static func date(seconds value: HeaderValue?) -> Date? {
        guard let seconds = value?.intValue, (1..<endOfTime).contains(seconds) else { return nil }
        return Date(timeIntervalSince1970: Double(seconds))
    }

    /// The end of the year 9999, in seconds since 1970.
    private static let endOfTime: Int64 = 253_402_300_800

    /// A reason as it travels.
    static func bounded(_ text: String) -> String {
        let points = text.unicodeScalars
        return points.count <= reasonLimit ? text : String(points.prefix(reasonLimit - 1)) + "…"
    }
}
