import NIOHPACK
import Testing

@testable import Hosting

@Suite("Heads of requests that cannot be read are refused before the library sees them")
struct RequestHeadTests {
    /// What is wrong with a head, and what the caller is told.
    struct Case: Sendable, CustomTestStringConvertible {
        var fields: [(String, String)]
        var replacing: String?
        var told: String
        var testDescription: String { "\(fields.first?.0 ?? ""): \(fields.first?.1.prefix(20) ?? "")" }
    }

    static let timeouts = ["-1S", "-0S", "+1S", "S", "", "1", "1s", "1 S", "123456789S", "0x1S", "1.5S"]

    static let unreadable: [Case] =
        timeouts.map { Case(fields: [("grpc-timeout", $0)], told: "grpc-timeout") } + [
            Case(fields: [("grpc-timeout", "1S"), ("grpc-timeout", "2S")], told: "grpc-timeout"),
            Case(fields: [("x-trace-bin", "a")], told: "base64"),
            Case(fields: [("x-trace-bin", "####")], told: "base64"),
            Case(fields: [("x-trace-bin", "AA=A")], told: "base64"),
            Case(fields: [("grpc-timeout", "1٣S")], told: "grpc-timeout"),
            Case(fields: [(":path", "/")], replacing: ":path", told: ":path"),
            Case(fields: [(":path", "reviews.Reviews/GetProductReviews")], replacing: ":path", told: ":path"),
            Case(fields: [(":path", "//GetProductReviews")], replacing: ":path", told: ":path"),
            Case(fields: [(":path", "/a/b/c")], replacing: ":path", told: ":path"),
            Case(fields: [(":path", "/a/" + String(repeating: "b", count: 600))], replacing: ":path", told: ":path"),
            Case(fields: (0..<130).map { ("x-\($0)", "") }, told: "more than 128 fields"),
        ]

    @Test("Unreadable heads are answered, and the process lives", arguments: unreadable)
    func refused(_ bad: Case) async throws {
        try await RunningHost.with { running in
            for ends in [true, false] {
                try await RawHTTP2.with(running.address) { connection in
                    let head = RunningHost.head.filter { $0.0 != bad.replacing }
                    let pseudo = bad.fields.filter { $0.0.hasPrefix(":") }
                    let other = bad.fields.filter { !$0.0.hasPrefix(":") }
                    try await connection.request(pseudo + head + other, ends: ends)
                    // What NIO refuses itself (control characters, say) never becomes a request.
                    guard let trailers = try await connection.trailers() else { return }
                    #expect(trailers[":status"] == "200" && trailers["content-type"] == "application/grpc")
                    #expect(trailers["grpc-status"] == "3", "\(trailers)")
                    let message = trailers["grpc-message"] ?? ""
                    #expect(message.contains(bad.told), "\(message)")
                    #expect(trailers["shop-reason"] == "malformed_request")
                }
            }
            try await running.expectToLive()
        }
    }

    @Test(
        "A timeout of any length is heeded",
        arguments: [
            ("1S", "1S"), ("0n", "0n"), ("9999999n", "9999999n"), ("10000000n", "10000u"), ("99999999n", "100000u"),
            ("12345678m", "12346S"), ("99999999S", "1666667M"), ("99999999M", "1666667H"), ("99999999H", "9999999H"),
            ("00000001S", "1S"),
        ])
    func timeouts(_ wire: String, _ shortened: String) throws {
        var headers: HPACKHeaders = [":path": "/a/b", "grpc-timeout": wire]
        try RequestHead.check(&headers)
        #expect(headers["grpc-timeout"] == [wire == "00000001S" ? "1S" : shortened])
    }

    @Test("Good heads pass, the longest timeouts among them", arguments: ["99999999H", "9999999H", "0n", "5S"])
    func passed(_ timeout: String) async throws {
        try await RunningHost.with { running in
            try await RawHTTP2.with(running.address) { connection in
                let fields = [("grpc-timeout", timeout), ("x-a-bin", "AAEC"), ("x-b-bin", "AA, AAE=,"), ("x-c", "")]
                try await connection.request(RunningHost.head + fields)
                // Its stream may be over already.
                try? await connection.send(type: 0, flags: 1, stream: 1, [0, 0, 0, 0, 0])
                let trailers = try await connection.trailers()
                // Who leaves no time at all is answered by whichever comes first.
                let statuses = timeout == "0n" ? ["0", "4"] : ["0"]
                #expect(statuses.contains(trailers?["grpc-status"] ?? ""), "\(trailers ?? [:])")
            }
        }
    }
}
