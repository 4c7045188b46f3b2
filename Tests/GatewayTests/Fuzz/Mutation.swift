import TestSupport

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
            default: if chance(oneIn: 8) { bytes.removeSubrange(at...) }
            }
        }
        return bytes
    }
}
