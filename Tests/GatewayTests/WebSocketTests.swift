import Hosting
import NIOCore
import ShopProtos
import TestClients
import TestSupport
import Testing
import WebSockets

@testable import Gateway

/// Sessions of `GET /ws` over the network: what they bring, whatever happens behind and before them.
@Suite("WebSocket: notifications", .timeLimit(.minutes(60)))
struct WebSocketTests {
    @Test("A program opens it with its token in the header and is told what is new")
    func header() async throws {
        try await RunningGateway.with { gateway in
            gateway.stub.write(7, 2)
            try await WebSocketClient.with(gateway.address, token: gateway.token()) { client in
                #expect(client.answer.headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
                #expect(client.answer.headers["upgrade"] == "websocket")
                #expect(client.answer.headers["sec-websocket-protocol"] == nil)
                #expect(client.answer.headers["x-request-id"] != nil)
                #expect(client.answer.headers["content-length"] == nil)
                #expect(client.answer.headers["transfer-encoding"] == nil)
                let hello = try await client.hello()
                #expect(hello.user_id == 7 && hello.after == 2)
                gateway.stub.write(7, text: "Your order 12 is confirmed.")
                let told = try await client.told()
                #expect(told.type == "notification" && told.sequence == 3 && told.user_id == 7)
                #expect(told.kind == "order_confirmed" && told.text == "Your order 12 is confirmed.")
                #expect(told.order_id == 12 && told.product_id == nil)
                #expect(told.date == "2026-11-25" && told.time == "15:51:32")
                #expect(told.created_at == "2026-11-25T15:51:32Z")
                gateway.stub.write(8)
                gateway.stub.write(7)
                #expect(try await client.sequences(1) == [4])
            }
        }
    }

    @Test("A page opens it with its token among the subprotocols, which never comes back and is not logged")
    func browser() async throws {
        try await RunningGateway.with { gateway in
            let token = try await gateway.token()
            try await RawSocket.with(gateway.address) { socket in
                let client = try await WebSocketClient.open(
                    socket, gateway.address, "/ws?after=0",
                    [
                        "Sec-WebSocket-Protocol": "shop.notifications.v1, bearer.\(token)",
                        "Origin": "http://\(gateway.address)",
                    ])
                #expect(client.answer.headers["sec-websocket-protocol"] == "shop.notifications.v1")
                #expect(!client.answer.headers.values.contains { $0.contains(token) })
                try await client.hello()
                try await client.sendClose(1000)
                #expect(try await client.closeCode() == 1000)
            }
            try await eventually("the session is over") { gateway.sessions.count == 0 }
            try await eventually("its end is logged") { gateway.log.lines.contains { $0.contains("WebSocket closed") } }
            #expect(gateway.log.lines.contains { $0.contains("/ws") && $0.contains("101") })
            #expect(!gateway.log.lines.contains { $0.contains(token) || $0.contains("bearer.") })
        }
    }

    @Test("After a sequence it resumes from there, without a gap or a repetition")
    func after() async throws {
        try await RunningGateway.with { gateway in
            gateway.stub.write(7, 5)
            try await WebSocketClient.with(gateway.address, token: gateway.token(), path: "/ws?after=2") { client in
                let hello = try await client.hello()
                #expect(hello.after == 2)
                #expect(try await client.sequences(3) == [3, 4, 5])
                gateway.stub.write(7, 2)
                #expect(try await client.sequences(2) == [6, 7])
            }
            #expect(gateway.stub.asked == [2])
        }
    }

    @Test("After a sequence that is not there yet it goes on from the last one, and says so")
    func afterTheLast() async throws {
        try await RunningGateway.with { gateway in
            gateway.stub.write(7, 3)
            try await WebSocketClient.with(gateway.address, token: gateway.token(), path: "/ws?after=9") { client in
                let hello = try await client.hello()
                #expect(hello.after == 3)
                gateway.stub.write(7)
                #expect(try await client.sequences(1) == [4])
            }
            #expect(gateway.stub.asked == [3])
        }
    }

    @Test("When the service breaks the stream, the client notices nothing")
    func broken() async throws {
        try await RunningGateway.with { gateway in
            try await WebSocketClient.with(gateway.address, token: gateway.token(), path: "/ws?after=0") { client in
                try await client.hello()
                for round in 0..<3 as Range<Int64> {
                    gateway.stub.write(7, 2)
                    #expect(try await client.sequences(2) == [round * 3 + 1, round * 3 + 2])
                    gateway.stub.refuse(.unavailable("away", "away"))
                    gateway.stub.breakOff()
                    // Written while nobody watches.
                    try await eventually("the stream is broken") { gateway.stub.watchers == 0 }
                    gateway.stub.write(7)
                    gateway.stub.refuse(nil)
                    #expect(try await client.sequences(1) == [round * 3 + 3])
                }
            }
            #expect(gateway.stub.asked == [0, 2, 5, 8])
        }
    }

    @Test("A service that repeats itself does not make the client hear it twice")
    func repeated() async throws {
        try await RunningGateway.with { gateway in
            gateway.stub.overlap(by: 2)
            gateway.stub.write(7, 4)
            try await WebSocketClient.with(gateway.address, token: gateway.token(), path: "/ws?after=2") { client in
                try await client.hello()
                #expect(try await client.sequences(2) == [3, 4])
                gateway.stub.breakOff()
                try await eventually("it watches again") { gateway.stub.asked == [2, 4] }
                gateway.stub.write(7)
                #expect(try await client.sequences(1) == [5])
            }
        }
    }

    @Test("A break before the first notification loses none of those to come")
    func brokenEarly() async throws {
        try await RunningGateway.with { gateway in
            gateway.stub.write(7, 3)
            try await WebSocketClient.with(gateway.address, token: gateway.token()) { client in
                let hello = try await client.hello()
                #expect(hello.after == 3)
                try await eventually("it watches") { gateway.stub.watchers == 1 }
                gateway.stub.refuse(.unavailable("away", "away"))
                gateway.stub.breakOff()
                try await eventually("the stream is broken") { gateway.stub.watchers == 0 }
                gateway.stub.write(7)
                gateway.stub.refuse(nil)
                #expect(try await client.sequences(1) == [4])
            }
        }
    }

    @Test("Every gateway tells it")
    func replicas() async throws {
        try await RunningGateway.with { gateway in
            let token = try await gateway.token()
            try await WebSocketClient.with(gateway.address, token: token, path: "/ws?after=0") { one in
                try await WebSocketClient.with(gateway.replica, token: token, path: "/ws?after=0") { other in
                    gateway.stub.write(7, 2)
                    for client in [one, other] {
                        try await client.hello()
                        #expect(try await client.sequences(2) == [1, 2])
                    }
                }
            }
        }
    }

    @Test("A user is only told what is theirs; an admin too")
    func owner() async throws {
        try await RunningGateway.with { gateway in
            gateway.stub.write(7)
            try await WebSocketClient.with(gateway.address, token: gateway.token(1, .admin), path: "/ws?after=0") {
                client in
                let told = try await client.told()
                #expect(told.user_id == 1)
                gateway.stub.write(1)
                #expect(try await client.told().user_id == 1)
            }
        }
    }

    @Test("What trying again does not mend ends the session")
    func refused() async throws {
        try await RunningGateway.with { gateway in
            gateway.stub.refuse(.unauthenticated("token_revoked", "not any more"))
            try await WebSocketClient.with(gateway.address, token: gateway.token()) { client in
                let code = try await client.closeCode()
                #expect(code == 4401)
            }
            gateway.stub.refuse(.unimplemented("unimplemented", "no such thing"))
            try await WebSocketClient.with(gateway.address, token: gateway.token(), path: "/ws?after=0") { client in
                let code = try await client.closeCode()
                #expect(code == 1011)
            }
        }
    }

    @Test("A user's notifications on request: theirs, behind a sequence")
    func list() async throws {
        try await RunningGateway.with { gateway in
            gateway.stub.write(7, 3)
            func ask(_ path: String, _ token: String?) async throws -> RawAnswer {
                let header = token.map { "Authorization: Bearer \($0)\r\n" } ?? ""
                return try await gateway.ask("GET \(path) HTTP/1.1\r\nHost: \(gateway.address)\r\n\(header)\r\n")
            }
            let own = try await ask("/api/notifications/7?after=2&limit=5", gateway.token())
            #expect(own.status == 200)
            #expect(
                own.body
                    == #"{"last_sequence":3,"notifications":[{"created_at":"2026-11-25T15:51:32Z","date":"2026-11-25","#
                    + #""kind":"order_confirmed","order_id":12,"sequence":3,"text":"A text.","time":"15:51:32","#
                    + #""user_id":7}]}"#)
            #expect(gateway.stub.listed.last?.after == 2 && gateway.stub.listed.last?.pageSize == 5)
            #expect(try await ask("/api/notifications/7", gateway.token(1, .admin)).status == 200)
            #expect(gateway.stub.listed.last?.after == 0 && gateway.stub.listed.last?.pageSize == 0)
            // From the beginning is not the same as the latest.
            for (query, after) in [("after=0", 0), ("after=2", 2)] as [(String, Int64)] {
                #expect(try await ask("/api/notifications/7?\(query)", gateway.token()).status == 200)
                #expect(
                    gateway.stub.listed.last?.after == after && gateway.stub.listed.last?.pageSize == 1000, "\(query)")
            }
            #expect(try await ask("/api/notifications/7", gateway.token(8)).status == 403)
            #expect(try await ask("/api/notifications/7", nil).status == 401)
            for query in ["after=-1", "after=x", "limit=0", "limit=1001", "after=1&after=2"] {
                let answer = try await ask("/api/notifications/7?\(query)", gateway.token())
                #expect(answer.status == 400 && answer.body.contains(#""code":"invalid_field""#), "\(query)")
            }
        }
    }
}
