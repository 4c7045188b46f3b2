import TestSupport

/// Writes what a broker sends, right or nearly right: frames with methods, headers and bodies.
struct FrameWriter {
    var random: SeededGenerator

    /// A whole message, or a method alone, in frames.
    mutating func conversation() -> [UInt8] {
        var wire: [UInt8] = []
        for _ in 0..<random.int(1...4) {
            switch random.int(0...9) {
            case 0: wire += frame(1, Self.join(Self.ack, integer(random.next(), 8), [UInt8(random.int(0...1))]))
            case 1: wire += frame(1, Self.join(method(60, 120), integer(random.next(), 8), [0]))
            case 2: wire += frame(1, Self.join(method(20, 40), integer(404, 2), shortString(), integer(7, 4)))
            case 3: wire += frame(1, Self.join(method(10, 60), shortString()), channel: 0)
            case 4:
                let any = method(UInt64(random.int(0...100)), UInt64(random.int(0...130)))
                wire += frame(1, Self.join(any, noise()))
            default: wire += message()
            }
        }
        return wire
    }

    private mutating func message() -> [UInt8] {
        let body = random.bytes(random.int(0...300))
        let size = random.chance(percent: 10) ? random.next() : UInt64(body.count)
        let classID: UInt64 = random.chance(percent: 10) ? UInt64(random.int(0...100)) : 60
        var wire = frame(1, deliver())
        wire += frame(2, Self.join(integer(classID, 2), integer(0, 2), integer(size, 8), properties()))
        let cut = random.int(0...body.count)
        wire += frame(3, Array(body[..<cut]))
        wire += frame(3, Array(body[cut...]))
        return wire
    }

    private mutating func deliver() -> [UInt8] {
        switch random.int(0...2) {
        case 0:
            Self.join(method(60, 60), shortString(), integer(random.next(), 8), [0], shortString(), shortString())
        case 1:
            Self.join(
                method(60, 71), integer(random.next(), 8), [1], shortString(), shortString(), integer(7, 4))
        default: Self.join(method(60, 50), integer(312, 2), shortString(), shortString(), shortString())
        }
    }

    /// Any of the fourteen properties of a message, in the order of their flags.
    private mutating func properties() -> [UInt8] {
        let flags = UInt64(random.int(0...0xFFFF)) & (random.chance(percent: 90) ? 0xFFFC : 0xFFFF)
        var wire = integer(flags, 2)
        func isSet(_ bit: Int) -> Bool { flags >> bit & 1 == 1 }
        for bit in stride(from: 15, through: 2, by: -1) where isSet(bit) {
            switch bit {
            case 13: wire += table(depth: 0)
            case 12, 11: wire += [UInt8(random.int(0...255))]
            case 6: wire += integer(random.next(), 8)
            default: wire += shortString()
            }
        }
        return wire
    }

    private mutating func table(depth: Int) -> [UInt8] {
        var wire: [UInt8] = []
        for _ in 0..<random.int(0...4) { wire += shortString() + value(depth: depth) }
        return integer(UInt64(wire.count), 4) + wire
    }

    private mutating func value(depth: Int) -> [UInt8] {
        let kinds = Array("tbBsuIilLfdDSTVxFA".utf8)
        let kind = random.chance(percent: 5) ? UInt8(random.int(0...255)) : kinds[random.int(0...kinds.count - 1)]
        switch kind {
        case UInt8(ascii: "t"), UInt8(ascii: "b"), UInt8(ascii: "B"): return [kind] + random.bytes(1)
        case UInt8(ascii: "s"), UInt8(ascii: "u"): return [kind] + random.bytes(2)
        case UInt8(ascii: "I"), UInt8(ascii: "i"), UInt8(ascii: "f"): return [kind] + random.bytes(4)
        case UInt8(ascii: "l"), UInt8(ascii: "L"), UInt8(ascii: "d"), UInt8(ascii: "T"): return [kind] + random.bytes(8)
        case UInt8(ascii: "D"): return [kind] + random.bytes(5)
        case UInt8(ascii: "S"), UInt8(ascii: "x"):
            let bytes = noise()
            return [kind] + integer(UInt64(bytes.count), 4) + bytes
        case UInt8(ascii: "F") where depth < 6: return [kind] + table(depth: depth + 1)
        case UInt8(ascii: "A") where depth < 6:
            var wire: [UInt8] = []
            for _ in 0..<random.int(0...4) { wire += value(depth: depth + 1) }
            return [kind] + integer(UInt64(wire.count), 4) + wire
        default: return [kind]
        }
    }

    private mutating func noise() -> [UInt8] { random.bytes(random.int(0...40)) }

    private mutating func shortString() -> [UInt8] {
        let bytes = random.bytes(random.int(0...20))
        return [UInt8(bytes.count)] + bytes
    }

    private func method(_ classID: UInt64, _ methodID: UInt64) -> [UInt8] {
        Self.join(integer(classID, 2), integer(methodID, 2))
    }

    private mutating func frame(_ type: UInt8, _ payload: [UInt8], channel: UInt64 = 1) -> [UInt8] {
        let channel = random.chance(percent: 3) ? UInt64(random.int(0...65535)) : channel
        return Self.frame(type, channel, payload)
    }

    private func integer(_ value: UInt64, _ count: Int) -> [UInt8] { Self.integer(value, count) }

    /// `basic.ack` without its arguments.
    static let ack: [UInt8] = [0, 60, 0, 80]

    /// `basic.deliver` of the first message, to nobody.
    static let firstDelivery: [UInt8] = [0, 60, 0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]

    /// One after the other.
    static func join(_ parts: [UInt8]...) -> [UInt8] { parts.flatMap(\.self) }

    /// A number in so many bytes, the highest first.
    static func integer(_ value: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64(count - 1 - $0))) }
    }

    /// A frame with its head and its end.
    static func frame(_ type: UInt8, _ channel: UInt64, _ payload: [UInt8]) -> [UInt8] {
        join([type], integer(channel, 2), integer(UInt64(payload.count), 4), payload, [0xCE])
    }
}
