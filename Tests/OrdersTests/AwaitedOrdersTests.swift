import GRPCCore
import Hosting
import ShopHarness
import ShopProtos
import SwiftProtobuf
import Synchronization
import TestSupport
import Testing

@testable import Orders

/// The outcomes of many orders over one call.
@Suite struct AwaitedOrdersTests {
    private final class Answers: Sendable {
        private let kept = Mutex<[UInt64: Orders_AwaitOrdersResponse]>([:])

        subscript(_ id: UInt64) -> Orders_AwaitOrdersResponse? { kept.withLock { $0[id] } }
        func add(_ answer: Orders_AwaitOrdersResponse) { kept.withLock { $0[answer.id] = answer } }
    }

    private static func ask(
        _ id: UInt64, _ order: Int64, token: String, milliseconds: Int64 = 60_000
    ) -> Orders_AwaitOrdersRequest {
        .with {
            $0.id = id
            $0.ask = .with {
                $0.token = token
                $0.orderID = order
                $0.timeoutMilliseconds = milliseconds
            }
        }
    }

    @Test func eachIsAnsweredWhenItIsSettledAndToItsBuyerOnly() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 100, amount: 5)
            try await shop.topUp(7, 1000)
            let (stream, requests) = AsyncStream.makeStream(of: Orders_AwaitOrdersRequest.self)
            let answers = Answers()
            let call = Task {
                try await shop.peers.orders.awaitOrders { writer in
                    for await request in stream { try await writer.write(request) }
                } onResponse: { response in
                    for try await answer in response.messages { answers.add(answer) }
                }
            }
            func token(_ user: Int64, _ role: ShopRole = .customer) async throws -> String {
                try await shop.issuer.issue(subject: user, role: role, ttl: .seconds(600)).token
            }
            let own = try await token(7)
            let order = try await shop.place(7, product).order.id
            requests.yield(Self.ask(1, order, token: own))
            requests.yield(Self.ask(2, order, token: try await token(8)))
            requests.yield(Self.ask(3, order, token: "x"))
            requests.yield(Self.ask(4, order, token: own, milliseconds: 60_001))
            requests.yield(Self.ask(5, order + 1000, token: own))
            requests.yield(Self.ask(6, order, token: try await token(1, .admin)))
            try await eventually("all are answered") { (1...6).allSatisfy { answers[$0] != nil } }
            #expect(answers[1]?.order.state == "confirmed" && answers[6]?.order.id == order)
            #expect(
                (2...5).map { answers[$0]?.failure } == [
                    "order_not_found", "token_malformed", "invalid_timeout", "order_not_found",
                ])
            // What was answered, and what was refused, has given its number back.
            try await eventually("they are answered anew") {
                requests.yield(Self.ask(1, order, token: "x"))
                requests.yield(Self.ask(3, order, token: own))
                return answers[1]?.failure == "token_malformed" && answers[3]?.order.id == order
            }
            requests.finish()
            try await call.value
        }
    }

    private struct Discarding: RPCWriterProtocol {
        func write(_ element: Orders_AwaitOrdersResponse) async throws {}
        func write(contentsOf elements: some Sequence<Orders_AwaitOrdersResponse>) async throws {}
    }

    @Test(.timeLimit(.minutes(5))) func aCallWithoutAQuestionOfSomebodyKnownEnds() async throws {
        let (stream, requests) = AsyncThrowingStream.makeStream(of: Orders_AwaitOrdersRequest.self)
        requests.yield(Self.ask(1, 1, token: "x"))
        let awaited = AwaitedOrders(response: RPCWriter(wrapping: Discarding()), patience: .milliseconds(1)) { _, _ in
            throw ServiceError.unauthenticated("token_malformed", "this is not a token")
        }
        try await awaited.run(RPCAsyncSequence(wrapping: stream))
        withExtendedLifetime(requests) {}
    }
}
