/// Names a request in the logs of every process that it passes through.
public enum RequestID {
    /// The longest one that is taken from a client, in characters.
    private static let lengthLimit = 128

    /// A new one, in the form of a random UUID (RFC 9562, version 4) in lower case.
    public static func new() -> String {
        let high = QuickRandom.next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        let low = QuickRandom.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        return String(unsafeUninitializedCapacity: 36) { digits in
            var place = 0
            for word in [high, low] {
                for shift in stride(from: UInt64(60), through: 0, by: -4) {
                    if place == 8 || place == 13 || place == 18 || place == 23 {
                        digits[place] = UInt8(ascii: "-")
                        place += 1
                    }
                    digits[place] = HexDigit.ascii(UInt8(truncatingIfNeeded: word >> shift))
                    place += 1
                }
            }
            return place
        }
    }

    /// The one that a client proposes if it can be put into logs and headers as it stands, else a new one.
    public static func accepting(_ proposed: String?) -> String {
        if let proposed, (1...lengthLimit).contains(proposed.utf8.count), proposed.utf8.allSatisfy(isPlain) {
            return proposed
        }
        return new()
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
