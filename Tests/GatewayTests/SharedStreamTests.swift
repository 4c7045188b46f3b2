import GRPCCore
import HTTPTypes
import Hosting
import ShopProtos
import SwiftProtobuf
import Synchronization
import TestClients
import TestSupport
import Testing

@testable import Gateway

/// Who waits takes no other's turn: all waiting of a gateway goes over one call of the connection that all calls share.
@Suite struct SharedStreamTests {
    @Test("Many sessions, opened and closed again, are one call to the service, and hold up no other")
    func sessions() async throws {
        try await RunningGateway.with { gateway in
            let count = 250
            for user in 1...count { gateway.stub.write(Int64(user)) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                let open = Countdown(count)
                let mayEnd = Countdown(1)
                // Also when the test fails: the sessions wait for it.
                defer { mayEnd.step() }
                for user in 1...count {
                    group.addTask {
                        let token = try await gateway.token(Int64(user))
                        try await WebSocketClient.with(gateway.replica, token: token, path: "/ws?after=0") { client in
                            try await client.hello()
                            #expect(try await client.sequences(1) == [1])
                            open.step()
                            await mayEnd.done()
                        }
                    }
                }
                try await eventually("all are served") { open.isDone }
                #expect(gateway.stub.watchers == count && gateway.stub.calls == 1)
                try await expectNotifications(gateway)
                mayEnd.step()
                try await group.waitForAll()
            }
            // All have gone without breaking anything off: the connection is as good as before.
            try await eventually("all are over") { gateway.stub.watchers == 0 }
            try await expectNotifications(gateway)
            #expect(gateway.stub.calls == 1)
        }
    }

    /// An ordinary call over the same connections.
    private func expectNotifications(_ gateway: RunningGateway) async throws {
        let token = try await gateway.token(1)
        try await RawSocket.with(gateway.replica) { socket in
            try await socket.send(
                "GET /api/notifications/1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\n\r\n")
            let answer = await socket.answer()
            #expect(answer?.status == 200, "\(String(describing: answer))")
        }
    }

    /// Gives requests back as events.
    private struct Echo: RPCWriterProtocol {
        let events: AsyncThrowingStream<UInt64, any Error>.Continuation

        func write(_ element: UInt64) async throws { events.yield(element) }
        func write(contentsOf elements: some Sequence<UInt64>) async throws {
            for element in elements { events.yield(element) }
        }
    }

    @Test("Conversations that come one after the other share a call, which ends when none comes")
    func kept() async throws {
        let calls = Mutex((begun: 0, ended: 0))
        @Sendable func stream(keptFor idleTime: Duration) -> SharedStream<UInt64, UInt64> {
            SharedStream(number: { $0 }, idleTime: idleTime) { produce, read in
                calls.withLock { $0.begun += 1 }
                defer { calls.withLock { $0.ended += 1 } }
                let (events, continuation) = AsyncThrowingStream.makeStream(of: UInt64.self)
                async let reading: Void = read(RPCAsyncSequence(wrapping: events))
                try await produce(RPCWriter(wrapping: Echo(events: continuation)))
                continuation.finish()
                try await reading
            }
        }
        let patient = stream(keptFor: .seconds(3600))
        for _ in 0..<3 { #expect(try await answer(of: patient) != nil) }
        #expect(calls.withLock { $0 } == (1, 0))
        let hasty = stream(keptFor: .milliseconds(1))
        for count in 1...2 {
            #expect(try await answer(of: hasty) != nil)
            try await eventually("the call ends") { calls.withLock { $0.ended } == count }
        }
        #expect(calls.withLock { $0.begun } == 3 && patient.count == 0)
    }

    @Test("A call that left somebody without an answer is joined by nobody more, and ends with those who wait on it")
    func unanswered() async throws {
        let (requests, asked) = AsyncThrowingStream.makeStream(of: UInt64.self)
        let (answers, peer) = AsyncThrowingStream.makeStream(of: UInt64.self)
        let calls = Mutex((begun: 0, ended: 0))
        // The first call is answered by nobody but the test, and never ended; another one echoes.
        let stream = SharedStream<UInt64, UInt64>(number: { $0 }, idleTime: .seconds(3600)) { produce, read in
            let isFirst = calls.withLock { calls in
                calls.begun += 1
                return calls.begun == 1
            }
            defer { calls.withLock { $0.ended += 1 } }
            let (events, echo) = AsyncThrowingStream.makeStream(of: UInt64.self)
            async let reading: Void = read(RPCAsyncSequence(wrapping: isFirst ? answers : events))
            try await produce(RPCWriter(wrapping: Echo(events: isFirst ? asked : echo)))
            echo.finish()
            try await reading
        }
        async let waiting = answer(of: stream)
        var opened = requests.makeAsyncIterator()
        let first = try #require(try await opened.next())
        let error = await #expect(throws: RPCError.self) { try await answer(of: stream, within: .milliseconds(1)) }
        #expect(error?.code == .deadlineExceeded && stream.count == 1)
        // On the first call it would wait in vain.
        #expect(try await answer(of: stream, within: .seconds(60)) != nil)
        #expect(calls.withLock { $0 } == (2, 0))
        peer.yield(first)
        let late = try await waiting
        #expect(late == first)
        try await eventually("the first call ends") { calls.withLock { $0.ended } == 1 }
        #expect(try await answer(of: stream) != nil)
        #expect(calls.withLock { $0 } == (2, 1) && stream.count == 0)
    }

    /// The first event of a conversation; nil if there is none.
    private func answer(of stream: SharedStream<UInt64, UInt64>, within timeout: Duration? = nil) async throws
        -> UInt64?
    {
        try await stream.converse(within: timeout, opening: { $0 }, closing: { $0 }) { events, _ in
            for try await event in events { return event }
            return nil
        }
    }

    @Test("A session that does not read holds up no other")
    func slow() async throws {
        try await RunningGateway.with { gateway in
            gateway.stub.write(7, 400, text: String(repeating: "x", count: 60_000))
            gateway.stub.write(8, 100)
            let token = try await gateway.token(7)
            try await RawSocket.with(gateway.replica, window: 4096) { slow in
                try await slow.send(
                    WebSocketClient.request(
                        "/ws?after=0", gateway.replica, ["Authorization": "Bearer \(token)"]))
                try await eventually("it is served") { gateway.stub.watchers == 1 }
                try await WebSocketClient.with(gateway.replica, token: gateway.token(8), path: "/ws?after=0") { other in
                    try await other.hello()
                    #expect(try await other.sequences(100) == Array(1...100))
                }
                try await eventually("it gets no more than it takes") { gateway.stub.hasNoCredit(7) }
                #expect(gateway.stub.calls == 1)
            }
        }
    }

    @Test("Many requests that wait for orders are one call to the service, and hold up no other")
    func orders() async throws {
        let place = RPC(Orders_Orders.Method.PlaceOrder.descriptor) { (request: Orders_PlaceOrderRequest) in
            Orders_PlaceOrderResponse.with {
                $0.order.id = request.userID
                $0.order.state = "pending"
            }
        }
        let look = RPC(Orders_Orders.Method.GetOrder.descriptor) { (request: Orders_GetOrderRequest) in
            Orders_GetOrderResponse.with { $0.order.id = request.id }
        }
        let settled = Mutex(false)
        let outcomes = StreamRPC(Orders_Orders.Method.AwaitOrders.descriptor) {
            (request: Orders_AwaitOrdersRequest) -> Orders_AwaitOrdersResponse? in
            guard case .ask(let awaited) = request.action, settled.withLock({ $0 }) else { return nil }
            return .with {
                $0.id = request.id
                $0.order.id = awaited.orderID
                $0.order.state = "confirmed"
            }
        }
        try await InProcessGateway.withOverNetwork(place, look, outcomes) { gateway async throws in
            let count = 250
            @Sendable func order(_ user: Int64, wait: Int = 30) async throws -> GatewayAnswer {
                try await gateway.call(
                    .post, "/api/orders", as: user, headers: [.prefer: "wait=\(wait)"],
                    #"{"items":[{"product_id":1,"quantity":1}]}"#)
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for user in 1...count { group.addTask { _ = try? await order(Int64(user)) } }
                try await eventually("all wait") { outcomes.requests.count >= count }
                #expect(try await gateway.call(.get, "/api/order/1", as: 1).status == 200)
                // Nobody answers; what was accepted stays accepted.
                #expect(try await order(2, wait: 1).status == 202)
                group.cancelAll()
            }
            #expect(outcomes.calls <= 2, "one call, or a second after a pause in which nobody waited")
            settled.withLock { $0 = true }
            #expect(try await order(3).status == 200)
            #expect(
                outcomes.requests.last { if case .ask = $0.action { true } else { false } }?.ask.token.isEmpty == false)
        }
    }
}
