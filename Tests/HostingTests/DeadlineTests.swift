import GRPCCore
import Logging
import ShopProtos
import SwiftProtobuf
import TestSupport
import Testing

@testable import Hosting

@Suite("A call's server ends it at its deadline", .timeLimit(.minutes(60)))
struct DeadlineTests {
    /// What leaves a busy machine time enough for every answer to come before its caller gives up.
    private static func peers(
        of address: HostPort, deadline: Duration, told part: Double
    ) throws -> Peers {
        var options = Peers.Options(addresses: [.reviews: [address]], deadline: deadline).withoutPings()
        options.slack = DeadlineSlack(longest: deadline, part: 1 - part)
        return try Peers(local: [], options: options)
    }

    @Test("Hundreds that pass their deadlines at once end no other call of the same connection")
    func manyAtOnce() async throws {
        let (late, others) = (Gate(), Gate())
        let begun = Notes<Void>()
        // Handlers that heed nothing.
        let stub = ReviewsStub(
            onList: { product in
                guard product == 1 else { return await late.wait() }
                begun.add(())
                await others.wait()
            }, onDelete: late.wait)
        try await RunningHost.with(stub) { running in
            defer {
                late.open()
                others.open()
            }
            let peers = try Self.peers(of: running.address, deadline: .seconds(40), told: 0.05)
            try await peers.withConnections {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    var patient = CallOptions.defaults
                    patient.timeout = .seconds(86_400)
                    for _ in 0..<PeerConnection.connections {
                        group.addTask { [patient] in
                            let request = Reviews_GetProductReviewsRequest.with { $0.productID = 1 }
                            let answer = try await peers.reviews.getProductReviews(request, options: patient)
                            #expect(answer.reviews.first?.productID == 1)
                        }
                    }
                    try await eventually("they are under way") { begun.all.count == PeerConnection.connections }
                    await Self.expectDeadlines(300 * PeerConnection.connections, peers)
                    others.open()
                    try await group.waitForAll()
                }
            }
        }
    }

    /// Calls that many times at once, to read and to write by turns.
    private static func expectDeadlines(_ count: Int, _ peers: Peers) async {
        await withDiscardingTaskGroup { group in
            for number in 0..<count {
                group.addTask {
                    await CallContext().run {
                        do {
                            if number.isMultiple(of: 2) {
                                _ = try await peers.reviews.getProductReviews(.init())
                            } else {
                                _ = try await peers.reviews.deleteReview(.init())
                            }
                            Issue.record("a call has ended well whose handler waits")
                        } catch {
                            let shown = ServiceError(mapping: error)
                            #expect(shown.code == .deadlineExceeded && shown.retryAfter == nil, "\(shown)")
                            #expect(
                                shown.reason == (number.isMultiple(of: 2) ? "deadline_exceeded" : "outcome_unknown"))
                        }
                    }
                }
            }
        }
    }

    @Test("A handler's own calls end before its caller's patience")
    func nested() async throws {
        let deadlines = Notes<ContinuousClock.Instant>()
        let inner = ReviewsStub(onList: { _ in deadlines.add(try #require(CallContext.current?.deadline)) })
        try await RunningHost.with(inner) { further in
            let peers = try Self.peers(of: further.address, deadline: .seconds(86_400), told: 0.5)
            try await peers.withConnections {
                let outer = ReviewsStub(onList: { _ in
                    deadlines.add(try #require(CallContext.current?.deadline))
                    _ = try await peers.reviews.getProductReviews(.init())
                })
                try await RunningHost.with(outer, deadline: .seconds(600)) { running in
                    for way in Way.allCases {
                        _ = try await running.reviews(way).getProductReviews(.init())
                        let all = deadlines.all.suffix(2)
                        #expect(try #require(all.last) < #require(all.first), "\(way)")
                    }
                }
            }
        }
    }
}
