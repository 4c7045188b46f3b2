public import FoundationEssentials

/// A date is a `timestamptz`, to the microsecond. `infinity` becomes an infinite date and back.
extension Date: PostgresEncodable, PostgresDecodable, PostgresArrayElement {
    public static var postgresType: PostgresType { .timestamptz }
    public static var postgresArrayType: PostgresType { .timestamptzArray }

    /// PostgreSQL counts from 2000-01-01, Foundation from 2001-01-01.
    private static let secondsBetweenEpochs = 366.0 * 86400
    /// From 4714-11-24 BC to the end of 294276 AD in microseconds: what the server can hold.
    private static let microseconds: Range<Double> = -211_813_488_000_000_000..<9_223_371_331_200_000_000

    public func encode(into buffer: inout PostgresValueBuffer) {
        let reference = timeIntervalSinceReferenceDate
        if reference == .infinity { return buffer.append(bigEndian: Int64.max) }
        if reference == -.infinity { return buffer.append(bigEndian: Int64.min) }
        let value = ((reference + Self.secondsBetweenEpochs) * 1_000_000).rounded()
        guard Self.microseconds.contains(value), let exact = Int64(exactly: value) else {
            return buffer.refuse("a date outside of what timestamptz can hold")
        }
        buffer.append(bigEndian: exact)
    }

    public static func decode(_ cell: PostgresCell) throws(PostgresDecodingFailure) -> Date {
        guard cell.type == .timestamptz else { throw cell.mismatch("Date (use timestamptz)") }
        let value = try cell.integer(Int64.self)
        if value == .max { return Date(timeIntervalSinceReferenceDate: .infinity) }
        if value == .min { return Date(timeIntervalSinceReferenceDate: -.infinity) }
        // Whole seconds and the rest apart: far from the epoch a single division would lose microseconds.
        let (seconds, rest) = value.quotientAndRemainder(dividingBy: 1_000_000)
        return Date(
            timeIntervalSinceReferenceDate: Double(seconds) - secondsBetweenEpochs + Double(rest) / 1_000_000)
    }
}
