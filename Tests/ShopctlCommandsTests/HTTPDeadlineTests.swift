import AsyncHTTPClient
import Glibc
import Testing

@testable import ShopctlCommands

@Suite("An answer comes in time as a whole, or not at all", .timeLimit(.minutes(5)))
struct HTTPDeadlineTests {
    @Test("A body of one byte at a time, without end, is not waited for")
    func trickling() async throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        try #require(listener >= 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 8) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        try #require(isBound)
        let server = Task { await Self.trickle(listener) }
        let request = HTTPClientRequest(url: "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))/")
        let error = await #expect(throws: HTTPClientError.self) {
            _ = try await HTTPAnswer.to(request, within: 1)
        }
        #expect(error == .deadlineExceeded)
        server.cancel()
        await server.value
    }

    /// Answers whoever connects with a head, and then with a byte now and then.
    private static func trickle(_ listener: Int32) async {
        var connections: [Int32] = []
        while !Task.isCancelled {
            let connection = accept(listener, nil, nil)
            if connection >= 0 {
                connections.append(connection)
                send(connection, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            }
            for connection in connections { send(connection, "1\r\nx\r\n") }
            try? await Task.sleep(for: .milliseconds(5))
        }
        for connection in connections { close(connection) }
    }

    private static func send(_ connection: Int32, _ text: String) {
        // Whoever has gone has it no more.
        _ = Glibc.send(connection, text, text.utf8.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
    }
}
