/// Names as the Prometheus data model allows them.
enum MetricName {
    /// A metric's name: every other character than `[a-zA-Z0-9_:]` becomes `_`, `suffix` is added once.
    static func metric(_ label: String, suffix: String = "") -> String {
        let name = sanitised(label, allowingColon: true)
        return suffix.isEmpty || name.hasSuffix(suffix) ? name : name + suffix
    }

    /// A label's name; `le` and a leading `__` are the format's own and are moved aside.
    static func label(_ name: String) -> String {
        let clean = sanitised(name, allowingColon: false)
        return clean == "le" || clean.hasPrefix("__") ? "exported_\(clean)" : clean
    }

    private static func sanitised(_ name: String, allowingColon: Bool) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(name.utf8.count + 1)
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
                bytes.append(byte)
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                if bytes.isEmpty { bytes.append(UInt8(ascii: "_")) }
                bytes.append(byte)
            case UInt8(ascii: ":") where allowingColon:
                bytes.append(byte)
            default:
                bytes.append(UInt8(ascii: "_"))
            }
        }
        return bytes.isEmpty ? "_" : String(decoding: bytes, as: UTF8.self)
    }
}
