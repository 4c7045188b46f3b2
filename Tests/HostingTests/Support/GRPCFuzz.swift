import TestSupport

@testable import Hosting

/// Makes bytes that a server of gRPC does not expect.
enum GRPCFuzz {
    private static let names = [
        "grpc-timeout", "grpc-timeout", "grpc-timeout", "grpc-encoding", "grpc-accept-encoding",
        "grpc-previous-rpc-attempts", "content-type", "te",
        "authorization", "x-request-id", "traceparent", "shop-local-stream", "shop-reason", "x-y-bin", "-bin",
        "content-length", "user-agent", ":path", ":method", ":scheme", ":authority", ":status", "connection", "", "Big",
    ]
    private static let values = [
        "", "-1S", "99999999H", "9999999H", "1", "S", "-", "gzip", "deflate", "identity", "POST", "GET", "/", "//",
        "/a/b",
        "/reviews.Reviews/PostReview", "/reviews.Reviews/", "/grpc.health.v1.Health/Watch", "application/grpc+proto",
        "application/grpc", "text/plain", "Bearer ", "Bearer a.b.c", "Bearer eyJhbGciOiJub25lIn0.e30.", "AAAA", "=",
        "A===",
        "00-00000000000000000000000000000000-0000000000000000-00", "00-\(String(repeating: "f", count: 32))-0-01",
        "18446744073709551616", "-9223372036854775809", "1e400", "\u{0}", "\r\n", "\u{7f}", "日本", "%zz",
    ]

    /// A request whose head and body have been tampered with.
    static func call(_ generator: inout SeededGenerator) -> [UInt8] {
        var head = RunningHost.head
        for _ in 0..<Int.random(in: 0...4, using: &generator) {
            let field = (generator.pick(names), value(&generator))
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: head[Int.random(in: head.indices, using: &generator)].1 = field.1
            case 1 where head.count > 1: head.remove(at: Int.random(in: head.indices, using: &generator))
            case 2: head.insert(field, at: Int.random(in: 0...head.count, using: &generator))
            default: head.append(field)
            }
        }
        let ends = Int.random(in: 0..<8, using: &generator) == 0
        var bytes = RawHTTP2.frame(type: 1, flags: ends ? 5 : 4, stream: 1, RawHTTP2.encode(head))
        if ends { return bytes }
        for _ in 0..<Int.random(in: 0...3, using: &generator) {
            bytes += RawHTTP2.frame(
                type: 0, flags: UInt8.random(in: 0...1, using: &generator), stream: 1, message(&generator))
        }
        return bytes
    }

    /// Frames of any kind, some of them broken.
    static func frames(_ generator: inout SeededGenerator) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 1...8, using: &generator) {
            let stream = generator.pick([0, 1, 1, 2, 3, 5, 0x7fff_ffff, 0xffff_ffff] as [UInt32])
            switch Int.random(in: 0..<8, using: &generator) {
            case 0:
                bytes += RawHTTP2.frame(type: 1, flags: 4, stream: 1, RawHTTP2.encode(RunningHost.head))
            case 1:
                bytes += RawHTTP2.frame(type: 8, flags: 0, stream: stream, number(&generator))
            case 2:
                let setting = [0, UInt8.random(in: 0...9, using: &generator)] + number(&generator)
                bytes += RawHTTP2.frame(type: 4, flags: 0, stream: 0, setting)
            case 3:
                bytes += RawHTTP2.frame(type: 3, flags: 0, stream: stream, number(&generator))
            case 4:
                bytes += RawHTTP2.frame(
                    type: 0, flags: UInt8.random(in: 0...9, using: &generator), stream: stream, message(&generator))
            case 5:
                bytes += RawHTTP2.frame(type: 7, flags: 0, stream: 0, number(&generator) + number(&generator))
            default:
                bytes += RawHTTP2.frame(
                    type: UInt8.random(in: 0...12, using: &generator),
                    flags: UInt8.random(in: 0...255, using: &generator), stream: stream,
                    generator.bytes(generator.int(0...40)))
            }
        }
        // Now and then a bit is turned.
        if Bool.random(using: &generator) {
            bytes[Int.random(in: bytes.indices, using: &generator)] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        }
        return bytes
    }

    private static func value(_ generator: inout SeededGenerator) -> String {
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: String(decoding: generator.bytes(generator.int(0...30)), as: UTF8.self)
        case 1: String(repeating: "x", count: Int.random(in: 0...9000, using: &generator))
        case 2:
            "\(generator.int(generator.pick([-100...100, -100...200_000_000])))"
                + generator.pick(["H", "M", "S", "m", "u", "n", ""])
        default: generator.pick(values)
        }
    }

    /// A message with its prefix, or what looks like one.
    private static func message(_ generator: inout SeededGenerator) -> [UInt8] {
        let body = generator.bytes(generator.int(0...60))
        let length = generator.pick([UInt32(body.count), 0, 1, 0x7fff_ffff, 0xffff_ffff, 4_194_305])
        return [UInt8.random(in: 0...2, using: &generator)] + RawHTTP2.bytes(of: length) + body
    }

    private static func number(_ generator: inout SeededGenerator) -> [UInt8] {
        let any = UInt32.random(in: 0 ... .max, using: &generator)
        return RawHTTP2.bytes(of: generator.pick([0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, any]))
    }
}
