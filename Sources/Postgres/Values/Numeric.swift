/// PostgreSQL's `numeric` in its binary form: digits in base 10,000.
///
/// Read only, so that `sum(int8)` and `avg(…)` can be decoded without a cast.
struct Numeric {
    private let digits: [Int16]
    private let weight: Int
    private let sign: UInt16

    init(_ cell: PostgresCell) throws(PostgresDecodingFailure) {
        let bytes = try cell.nonNull()
        guard bytes.count >= 8 else { throw PostgresDecodingFailure("is a truncated numeric") }
        func word(_ index: Int) -> Int16 {
            Int16(bigEndian: bytes.loadUnaligned(fromByteOffset: index * 2, as: Int16.self))
        }
        let count = Int(word(0))
        guard count >= 0, bytes.count == 8 + count * 2 else {
            throw PostgresDecodingFailure("is a malformed numeric")
        }
        weight = Int(word(1))
        sign = UInt16(bitPattern: word(2))
        digits = (0..<count).map { word(4 + $0) }
    }

    private var isNegative: Bool { sign == 0x4000 }

    /// The value as an integer, if it is one and fits.
    func integer() throws(PostgresDecodingFailure) -> Int64 {
        guard sign == 0 || isNegative, digits.count <= weight + 1 || digits.isEmpty else {
            throw PostgresDecodingFailure("is a numeric that is not an integer")
        }
        var value: Int64 = 0
        if digits.isEmpty { return 0 }
        for position in 0...weight {
            let digit = position < digits.count ? Int64(digits[position]) : 0
            let (scaled, overflow) = value.multipliedReportingOverflow(by: 10000)
            let (sum, carry) = scaled.addingReportingOverflow(isNegative ? -digit : digit)
            if overflow || carry { throw PostgresDecodingFailure("is a numeric that does not fit in Int64") }
            value = sum
        }
        return value
    }

    /// The nearest floating-point value, to within the rounding of each digit's step.
    func double() -> Double {
        switch sign {
        case 0xC000: return .nan
        case 0xD000: return .infinity
        case 0xF000: return -.infinity
        default: break
        }
        // Through decimal text, which rounds once.
        var text = isNegative ? "-" : ""
        if digits.isEmpty { return 0 }
        for digit in digits {
            let group = String(digit)
            text += String(repeating: "0", count: 4 - group.utf8.count) + group
        }
        text += "e\((weight + 1 - digits.count) * 4)"
        return Double(text) ?? .nan
    }
}
