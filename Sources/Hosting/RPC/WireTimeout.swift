/// The value of `grpc-timeout`: 1 to 8 digits and a unit.
struct WireTimeout {
    /// From the shortest to the longest, with how many of the unit before make one.
    private static let units: [(letter: UInt8, ofPrevious: Int64)] = [
        (UInt8(ascii: "n"), 1), (UInt8(ascii: "u"), 1000), (UInt8(ascii: "m"), 1000), (UInt8(ascii: "S"), 1000),
        (UInt8(ascii: "M"), 60), (UInt8(ascii: "H"), 60),
    ]

    private let amount: Int64
    private let unit: Int

    init?(_ text: String) {
        guard (2...9).contains(text.utf8.count), let letter = text.utf8.last,
            let unit = Self.units.firstIndex(where: { $0.letter == letter })
        else { return nil }
        var amount: Int64 = 0
        for byte in text.utf8.dropLast() {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            amount = amount * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        self.amount = amount
        self.unit = unit
    }

    /// As long as that, in whole milliseconds, or seconds if it is too long for them; at least one of them.
    init(_ duration: Duration) {
        let milliseconds = duration / Duration.milliseconds(1)
        amount = Int64(min(max(1, milliseconds < 1e8 ? milliseconds : milliseconds / 1000), 99_999_999))
        unit = milliseconds < 1e8 ? 2 : 3
    }

    var duration: Duration {
        switch unit {
        case 0: .nanoseconds(amount)
        case 1: .microseconds(amount)
        case 2: .milliseconds(amount)
        default: .seconds(amount * [1, 60, 3600][unit - 3])
        }
    }

    var text: String { "\(amount)\(Character(Unicode.Scalar(Self.units[unit].letter)))" }

    /// The same span in 7 digits, rounded up to the next unit where it needs more: the library takes a value of 8 digits
    /// for none at all.
    var shortened: String {
        var amount = amount
        var unit = unit
        while amount > 9_999_999, unit + 1 < Self.units.count {
            unit += 1
            let factor = Self.units[unit].ofPrevious
            amount = (amount + factor - 1) / factor
        }
        return "\(min(amount, 9_999_999))\(Character(Unicode.Scalar(Self.units[unit].letter)))"
    }
}
