/// Amounts in minor units of a currency.
public enum Money {
    /// An amount that no `Int64` holds.
    public struct Overflow: Error, Equatable {
        public init() {}
    }

    /// Minor units as major ones, for people: `19.90 RUB`.
    public static func text(_ minor: Int64, _ currency: String) -> String {
        let digits = String(minor.magnitude % 100)
        return "\(minor < 0 ? "-" : "")\(minor.magnitude / 100).\(digits.count == 1 ? "0" : "")\(digits) \(currency)"
    }

    /// The price of all lines together.
    ///
    /// - Throws: ``Overflow`` where a line's price or the sum does not fit.
    public static func total(of lines: some Sequence<(quantity: Int64, unitPrice: Int64)>) throws(Overflow) -> Int64 {
        var total: Int64 = 0
        for line in lines { total = try sum(total, quantity: line.quantity, unitPrice: line.unitPrice) }
        return total
    }

    /// A sum with another line's price.
    ///
    /// - Throws: ``Overflow`` where either does not fit.
    public static func sum(_ sum: Int64, quantity: Int64, unitPrice: Int64) throws(Overflow) -> Int64 {
        let (price, isTooMuch) = quantity.multipliedReportingOverflow(by: unitPrice)
        let (total, isFarTooMuch) = sum.addingReportingOverflow(price)
        guard !isTooMuch, !isFarTooMuch else { throw Overflow() }
        return total
    }
}
