public import FoundationEssentials

/// A span of time of which a listing shows what lies in it.
public struct Period: Sendable, Equatable {
    /// The first moment that belongs to it; nil for no bound.
    public let since: Date?
    /// The first moment that is too late; nil for no bound.
    public let until: Date?

    /// The last moment that a bound may name, that of the year 9999, in microseconds since 1970.
    private static let limit: Int64 = 253_402_300_799_000_000

    /// - Parameters:
    ///   - since: In microseconds since 1970; nil for no bound.
    ///   - until: The same.
    /// - Throws: ``ServiceError/Code/invalidArgument`` naming `since` or `until`.
    public init(since: Int64?, until: Int64?) throws(ServiceError) {
        self.since = try Self.date(since, "since")
        self.until = try Self.date(until, "until")
    }

    private static func date(_ microseconds: Int64?, _ field: String) throws(ServiceError) -> Date? {
        guard let microseconds else { return nil }
        guard (-limit...limit).contains(microseconds) else {
            throw .invalidArgument("invalid_\(field)", "\(field) must be a time in microseconds since 1970")
        }
        return Date(timeIntervalSince1970: Double(microseconds) / 1_000_000)
    }
}
