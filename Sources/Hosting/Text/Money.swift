/// Amounts for people.
public enum Money {
    /// Minor units as major ones: `19.90 RUB`.
    public static func text(_ minor: Int64, _ currency: String) -> String {
        let digits = String(minor.magnitude % 100)
        return "\(minor < 0 ? "-" : "")\(minor.magnitude / 100).\(digits.count == 1 ? "0" : "")\(digits) \(currency)"
    }
}
