import Glibc
import Testing

/// How long a fuzz test runs, and from which seed: `SHOPCTL_FUZZ_SEED` and `SHOPCTL_FUZZ_CASES`.
///
/// A case that ends the process is found again by the seed that stands in the output.
struct FuzzRun {
    let name: String
    let seed: UInt64
    let cases: Int

    /// - Parameter cases: How many cases run unless the environment says otherwise.
    init(_ name: String, cases: Int) {
        self.name = name
        self.seed = Self.number("SHOPCTL_FUZZ_SEED").map { UInt64($0) } ?? 20_261_126
        self.cases = Self.number("SHOPCTL_FUZZ_CASES") ?? cases
        print("fuzz: \(name), SHOPCTL_FUZZ_SEED=\(seed) SHOPCTL_FUZZ_CASES=\(self.cases)")
    }

    /// The random numbers of one case: the same for the same seed, whatever runs beside it.
    func random(_ index: Int) -> SeededGenerator { SeededGenerator(seed &+ UInt64(index) &* 0x9E37_79B9) }

    private static func number(_ variable: String) -> Int? {
        getenv(variable).flatMap { Int(String(cString: $0)) }.flatMap { $0 >= 0 ? $0 : nil }
    }
}

/// SplitMix64.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<max(1, bound), using: &self) }

    mutating func chance(_ one: Int) -> Bool { below(one) == 0 }

    mutating func pick<Element>(_ list: [Element]) -> Element { list[below(list.count)] }
}

extension SeededGenerator {
    /// What parsers tend to stumble over.
    private static let words: [String] = [
        "\r\n", "\r\n\r\n", "\n", "\r", "\0", " ", "\t", ":", "::", "//", "/../", "%", "%0", "%00", "%zz", "%FF", "?",
        "#",
        "&=&", "=", ",", ";", "\"", "\\", "\\u0000", "\\ud800", "-1", "0", "-0", "00", "1e999", "-1e999", "NaN", "0x7f",
        "9223372036854775807", "9223372036854775808", "-9223372036854775808", "18446744073709551616",
        "10000000000000000", "99999999999999999999999999", "é", "\u{202E}", "\u{FEFF}", "*", "*/*", "http://", "h://:?",
        "Content-Length: 0\r\n", "Content-Length: 18446744073709551615\r\n", "Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding: gzip, chunked\r\n", "Connection: upgrade\r\nUpgrade: websocket\r\n",
        "Expect: 100-continue\r\n",
        "Host: a\r\n", "Host:\r\n", ":path: /\r\n", "HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/9999999999.1",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "ffffffffffffffff\r\n", "7fffffffffffffff;x\r\n", "[", "{", "{}", "[]",
        "null",
        "Prefer: wait=99999999999999999999\r\n", "traceparent: 00-0-0-0\r\n", "If-None-Match: \"\r\n",
        "Range: bytes=-1-\r\n", "X-Forwarded-For: [::\r\n", "Idempotency-Key: \r\n",
    ]
    private static let brokenText: [[UInt8]] = [
        [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x80],
    ]
    private static let oddities: [[UInt8]] = words.map { Array($0.utf8) } + brokenText

    /// Some of these bytes changed, taken away, doubled, or moved, and odd ones put between.
    mutating func mutate(_ original: [UInt8]) -> [UInt8] {
        var bytes = original
        for _ in 0..<(1 + below(6)) {
            let at = below(bytes.count + 1)
            let end = min(bytes.count, at + below(12))
            switch below(6) {
            case 0: bytes.insert(contentsOf: pick(Self.oddities), at: at)
            case 1: bytes.removeSubrange(at..<end)
            case 2: bytes.replaceSubrange(at..<end, with: pick(Self.oddities))
            case 3 where at < bytes.count: bytes[at] = UInt8(truncatingIfNeeded: next())
            case 4: bytes.insert(contentsOf: bytes[at..<end], at: at)
            default: if chance(8) { bytes.removeSubrange(at...) }
            }
        }
        return bytes
    }
}
