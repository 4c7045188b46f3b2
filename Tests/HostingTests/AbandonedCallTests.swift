import GRPCCore
import NIOCore
import ShopProtos
import SwiftProtobuf
import TestSupport
import Testing

@testable import Hosting

@Suite("Calls that are given up take no others along", .timeLimit(.minutes(2)))
struct AbandonedCallTests {
    @Test("A server ends a call at its deadline, whatever its handler does")
    func deadline() async throws {
        let gate = Gate()
        defer { gate.open() }
        try await RunningHost.with(ReviewsStub(onList: { _ in await gate.wait() })) { running in
            defer { gate.open() }
            try await RawHTTP2.with(running.address) { connection in
                try await connection.request(RunningHost.head + [("grpc-timeout", "100m")])
                try await connection.send(type: 0, flags: 1, stream: 1, [0, 0, 0, 0, 0])
                let trailers = try await connection.trailers()
                #expect(trailers?["grpc-status"] == "4" && trailers?[":status"] == "200")
                #expect(trailers?["shop-reason"] == nil)
            }
        }
    }

    @Test("Hundreds that a slow service leaves unanswered do not end the connection of the others")
    func hundreds() async throws {
        let slow = Gate()
        let others = Gate()
        let begun = Notes<Bool>()
        let stub = ReviewsStub(
            onList: { if $0 == 1 { await slow.wait() } },
            onDelete: {
                begun.add(true)
                await others.wait()
            })
        try await RunningHost.with(stub, deadline: .seconds(600)) { running in
            defer {
                slow.open()
                others.open()
            }
            let reviews = running.reviews(.overNetwork)
            try await withThrowingTaskGroup(of: Void.self) { group in
                // Calls take the connections in turn.
                for _ in 0..<PeerConnection.connections {
                    group.addTask { _ = try await reviews.deleteReview(.init()) }
                }
                try await eventually("they have begun") { begun.all.count == PeerConnection.connections }
                // More on each connection than the server lets be broken off.
                await withDiscardingTaskGroup { abandoned in
                    for _ in 0..<(300 * PeerConnection.connections) {
                        abandoned.addTask {
                            var options = CallOptions.defaults
                            options.timeout = .milliseconds(500)
                            let error = await #expect(throws: RPCError.self) {
                                _ = try await reviews.getProductReviews(.with { $0.productID = 1 }, options: options)
                            }
                            #expect(error?.code == .deadlineExceeded)
                        }
                    }
                }
                for _ in 0..<PeerConnection.connections { _ = try await reviews.getProductReviews(.init()) }
                others.open()
                try await group.waitForAll()
            }
        }
    }

    @Test("So many may be broken off in half a minute")
    func budget() {
        let budget = ResetBudget()
        let begin = NIODeadline.now()
        for number in 0..<ResetBudget.limit {
            #expect(budget.take(at: begin + .milliseconds(Int64(number))))
        }
        #expect(!budget.take(at: begin + .seconds(29)))
        #expect(budget.take(at: begin + ResetBudget.window))
        #expect(!budget.take(at: begin + ResetBudget.window))
        #expect(budget.take(at: begin + ResetBudget.window + .milliseconds(1)))
    }
}
