import ServiceContextModule

/// A W3C trace context (`traceparent`): which trace the work belongs to, and which span caused it.
///
/// Source: W3C Trace Context, level 1.
public struct TraceContext: Sendable, Hashable {
    private let traceHigh: UInt64
    private let traceLow: UInt64
    private let span: UInt64

    /// Whether the caller records this trace.
    public let isSampled: Bool

    private init(traceHigh: UInt64, traceLow: UInt64, span: UInt64, isSampled: Bool) {
        self.traceHigh = traceHigh
        self.traceLow = traceLow
        self.span = span
        self.isSampled = isSampled
    }

    /// The context of the current task's ``ServiceContextModule/ServiceContext``.
    public static var current: TraceContext? { ServiceContext.current?.traceContext }

    /// A new trace with random ids.
    public static func root(sampled: Bool = true) -> TraceContext {
        TraceContext(
            traceHigh: QuickRandom.next(), traceLow: max(QuickRandom.next(), 1), span: max(QuickRandom.next(), 1),
            isSampled: sampled)
    }

    /// A new span of the same trace.
    public func child() -> TraceContext {
        TraceContext(
            traceHigh: traceHigh, traceLow: traceLow, span: max(QuickRandom.next(), 1), isSampled: isSampled)
    }

    /// The trace's id: 32 lower-case hexadecimal digits.
    public var traceID: String { Self.hexadecimal([traceHigh, traceLow]) }

    /// The span's id: 16 lower-case hexadecimal digits.
    public var spanID: String { Self.hexadecimal([span]) }

    /// The header's value, version 00.
    public var traceparent: String { "00-\(traceID)-\(spanID)-\(isSampled ? "01" : "00")" }

    /// Reads a `traceparent` header; nil for anything that is not exactly one.
    ///
    /// A later version than 00 is read by its first four fields, as the standard asks.
    public init?(traceparent: String) {
        let bytes = Array(traceparent.utf8)
        let dash = UInt8(ascii: "-")
        guard bytes.count >= 55, bytes[2] == dash, bytes[35] == dash, bytes[52] == dash,
            let version = Self.parse(bytes[0..<2]), version != 0xFF,
            let high = Self.parse(bytes[3..<19]), let low = Self.parse(bytes[19..<35]), high | low != 0,
            let span = Self.parse(bytes[36..<52]), span != 0,
            let flags = Self.parse(bytes[53..<55])
        else { return nil }
        guard bytes.count == 55 || (version > 0 && bytes[55] == dash) else { return nil }
        self.init(traceHigh: high, traceLow: low, span: span, isSampled: flags & 1 == 1)
    }

    private static func parse(_ digits: ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for digit in digits {
            guard let nibble = HexDigit.value(digit) else { return nil }
            value = value << 4 | UInt64(nibble)
        }
        return value
    }

    private static func hexadecimal(_ words: [UInt64]) -> String {
        String(unsafeUninitializedCapacity: words.count * 16) { digits in
            var place = 0
            for word in words {
                for shift in stride(from: UInt64(60), through: 0, by: -4) {
                    digits[place] = HexDigit.ascii(UInt8(truncatingIfNeeded: word >> shift))
                    place += 1
                }
            }
            return place
        }
    }
}

extension TraceContext: CustomStringConvertible {
    public var description: String { traceparent }
}
