/// Pieces of Prometheus' text exposition format 0.0.4.
enum PrometheusText {
    /// A sample's value.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        if value == value.rounded(), abs(value) < 9_007_199_254_740_992 { return String(Int64(value)) }
        return String(value)
    }

    /// A label's value: backslash, quote and line feed are escaped.
    static func escapedLabelValue(_ value: String) -> String { escaped(value, quote: true) }

    /// A help text: backslash and line feed are escaped.
    static func escapedHelp(_ help: String) -> String { escaped(help, quote: false) }

    private static func escaped(_ value: String, quote: Bool) -> String {
        let needsWork = value.utf8.contains { byte in
            byte == UInt8(ascii: "\\") || byte == 0x0A || (quote && byte == UInt8(ascii: "\""))
        }
        guard needsWork else { return value }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(value.utf8.count + 8)
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): bytes.append(contentsOf: #"\\"#.utf8)
            case 0x0A: bytes.append(contentsOf: #"\n"#.utf8)
            case UInt8(ascii: "\"") where quote: bytes.append(contentsOf: #"\""#.utf8)
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
