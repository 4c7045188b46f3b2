import NIOHPACK
import TestClients
import Testing

@testable import Hosting

@Suite("Text that could not be compared in good time is refused before anything reads it", .timeLimit(.minutes(5)))
struct WireTextTests {
    /// A message whose first field is a letter with so many combining marks, as it travels.
    private static func message(marks: Int) -> [UInt8] {
        let text = Array(("e" + String(repeating: "\u{301}", count: marks)).utf8)
        return [0, 0, 0, 0, UInt8(text.count + 2), 0x0A, UInt8(text.count)] + text
    }

    private static func head(_ method: String) -> [(String, String)] {
        RunningHost.head.map { $0.0 == ":path" ? ($0.0, "/grpc.health.v1.Health/\(method)") : $0 }
    }

    @Test("In a message, from anybody, however it is cut", arguments: ["Check", "Watch"])
    func message(method: String) async throws {
        try await RunningHost.with { running in
            try await RawHTTP2.with(running.address) { connection in
                let message = Self.message(marks: 31)
                try await connection.request(Self.head(method))
                try await connection.send(type: 0, stream: 1, Array(message[..<19]))
                try await connection.send(type: 0, flags: 1, stream: 1, Array(message[19...]))
                let trailers = try await connection.trailers()
                #expect(trailers?["grpc-status"] == "3" && trailers?["shop-reason"] == "malformed_request")
            }
            try await RawHTTP2.with(running.address) { connection in
                try await connection.request(Self.head("Check"))
                try await connection.send(type: 0, flags: 1, stream: 1, Self.message(marks: 30))
                #expect(try await connection.trailers()?["shop-reason"] == "unknown_service")
            }
        }
    }

    @Test("In a head", arguments: [":path", "x-note"])
    func head(field: String) {
        var headers: HPACKHeaders = field == ":path" ? [:] : [":path": "/a/b"]
        headers.add(name: field, value: "/a/e" + String(repeating: "\u{301}", count: 31))
        #expect(throws: Unreadable.self) { try RequestHead.check(&headers) }
    }
}
