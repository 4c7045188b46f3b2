import FoundationEssentials

/// The type octets of AMQP table values, as RabbitMQ reads them.
enum FieldKind {
    static let boolean = UInt8(ascii: "t")
    static let int8 = UInt8(ascii: "b")
    static let uint8 = UInt8(ascii: "B")
    static let int16 = UInt8(ascii: "s")
    static let uint16 = UInt8(ascii: "u")
    static let int32 = UInt8(ascii: "I")
    static let uint32 = UInt8(ascii: "i")
    static let int64 = UInt8(ascii: "l")
    static let uint64 = UInt8(ascii: "L")
    static let float32 = UInt8(ascii: "f")
    static let float64 = UInt8(ascii: "d")
    static let decimal = UInt8(ascii: "D")
    static let string = UInt8(ascii: "S")
    static let array = UInt8(ascii: "A")
    static let timestamp = UInt8(ascii: "T")
    static let table = UInt8(ascii: "F")
    static let void = UInt8(ascii: "V")
    static let bytes = UInt8(ascii: "x")
}

extension Date {
    /// Whole seconds since 1970 as on the wire, which knows no time before.
    var wireSeconds: UInt64 {
        let seconds = timeIntervalSince1970.rounded(.down)
        return seconds <= 0 ? 0 : UInt64(exactly: seconds) ?? UInt64(Int64.max)
    }

    /// The moment of a wire timestamp; not later than the year 9999, so that every calendar and integer can hold it.
    init(wireSeconds: UInt64) {
        self.init(timeIntervalSince1970: Double(min(wireSeconds, 253_402_300_799)))
    }
}
