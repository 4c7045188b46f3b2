import GRPCCore
import Logging
import ShopProtos
import SwiftProtobuf
import Synchronization
import TestSupport
import Testing

@testable import Hosting

@Suite("A call that may have been carried out says so")
struct CallOutcomeTests {
    /// A handler that has begun, and ends when it is let go.
    private final class Work: Sendable {
        let begun = Gate()
        let mayEnd = Gate()

        /// Whether the handler was called, and not only the call over.
        let wasCalled = Atomic(false)

        @Sendable func run() async {
            wasCalled.store(true, ordering: .sequentiallyConsistent)
            begun.open()
            await mayEnd.wait()
        }
    }

    /// The error of a call that was under way when that happened to it, as a service or the gateway maps it.
    private func fate(
        writing: Bool, of event: @escaping @Sendable (TCPProxy) async throws -> Void
    ) async throws -> ServiceError {
        let error = try await fate(deadline: .seconds(600), writing: writing, of: event)
        return try #require(error)
    }

    /// The same; nil if the deadline passed before the call was under way.
    private func fate(
        deadline: Duration, writing: Bool, of event: @escaping @Sendable (TCPProxy) async throws -> Void
    ) async throws -> ServiceError? {
        let work = Work()
        let stub = ReviewsStub(onList: { _ in await work.run() }, onDelete: work.run)
        let fate = Notes<ServiceError>()
        try await RunningHost.with(stub) { running in
            let proxy = TCPProxy(to: running.address.port)
            defer {
                work.mayEnd.open()
                proxy.close()
            }
            let address = HostPort(host: "127.0.0.1", port: proxy.port)
            let peers = try Peers(
                local: [], options: .init(addresses: [.reviews: [address]], deadline: deadline, patience: .zero))
            try await peers.withConnections {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        await CallContext().run {
                            do {
                                if writing {
                                    _ = try await peers.reviews.deleteReview(.init())
                                } else {
                                    _ = try await peers.reviews.getProductReviews(.init())
                                }
                            } catch {
                                fate.add(ServiceError(mapping: error))
                            }
                        }
                        work.begun.open()
                    }
                    await work.begun.wait()
                    try await event(proxy)
                    try await group.waitForAll()
                }
            }
        }
        guard work.wasCalled.load(ordering: .sequentiallyConsistent) else { return nil }
        let error: ServiceError = try #require(fate.all.first)
        return error
    }

    /// The error of a call whose deadline passed while it was under way.
    private func lateFate(writing: Bool) async throws -> ServiceError {
        var deadline = Duration.seconds(1)
        return try await eventuallyValue("a call begins within its deadline") {
            deadline *= 2
            return try await fate(deadline: deadline, writing: writing) { _ in }
        }
    }

    @Test("The connection breaks while the call is under way")
    func broken() async throws {
        let writing = try await fate(writing: true) { $0.cut() }
        #expect(writing.code == .unavailable && writing.reason == "outcome_unknown")
        let reading = try await fate(writing: false) { $0.cut() }
        #expect(reading.code == .unavailable && reading.reason == "peer_unavailable")
    }

    @Test("The server sends its connections away, and claims to have done nothing of what is under way")
    func sentAway() async throws {
        // GOAWAY, last stream 0, ENHANCE_YOUR_CALM: the library's answer to too many resets, whatever it is working on.
        let goAway: [UInt8] = [0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 11]
        let writing = try await fate(writing: true) { $0.say(goAway) }
        #expect(writing.code == .unavailable && writing.reason == "outcome_unknown")
        let reading = try await fate(writing: false) { $0.say(goAway) }
        #expect(reading.code == .unavailable && reading.reason == "peer_unavailable")
    }

    @Test("The answer does not come in time")
    func late() async throws {
        let writing = try await lateFate(writing: true)
        #expect(writing.code == .deadlineExceeded && writing.reason == "outcome_unknown")
        let reading = try await lateFate(writing: false)
        #expect(reading.code == .deadlineExceeded && reading.reason == "deadline_exceeded")
    }

    @Test("The answer breaks off in its middle")
    func brokenAnswer() async throws {
        let sent = SentCalls()
        sent.send()
        let parts = AsyncThrowingStream<StreamingClientResponse<Int>.Contents.BodyPart, any Error> { continuation in
            continuation.yield(.message(1))
            continuation.finish(throwing: RPCError(code: .unavailable, message: "gone"))
        }
        let answer = AnsweredParts(base: RPCAsyncSequence(wrapping: parts), sent: sent)
        let error = await #expect(throws: RPCError.self) { for try await _ in answer {} }
        #expect(error?.shopReason == "outcome_unknown" && sent.mayHaveActed)
    }

    @Test("What a service has answered is certain", arguments: Way.allCases)
    func answered(way: Way) async throws {
        let stub = ReviewsStub(onDelete: { throw ServiceError.unavailable("table_locked", "try again") })
        try await RunningHost.with(stub) { running in
            await CallContext().run {
                let error = await #expect(throws: RPCError.self) {
                    try await running.reviews(way).deleteReview(.init())
                }
                #expect(error?.shopReason == "table_locked")
                #expect(CallContext.current?.sent.mayHaveActed == false)
                // A later trouble of the same request is judged for itself.
                let late = ServiceError(mapping: RPCError(code: .deadlineExceeded, message: "x"))
                #expect(late.reason == "deadline_exceeded")
                #expect(ServiceError(mapping: CancellationError()).code == .cancelled)
            }
        }
    }

    @Test("What was done stays done, whatever becomes of the request afterwards", arguments: Way.allCases)
    func done(way: Way) async throws {
        try await RunningHost.with { running in
            try await CallContext().run {
                _ = try await running.reviews(way).deleteReview(.init())
                // The deadline passed in the moment in which the answer came, say, or a later call of the request failed.
                for code in [RPCError.Code.deadlineExceeded, .unavailable, .cancelled] {
                    let error = ServiceError(mapping: RPCError(code: code, message: "x"))
                    #expect(error.leavesOutcomeOpen, "\(code): \(error)")
                }
                #expect(ServiceError(mapping: CancellationError()).leavesOutcomeOpen)
            }
        }
    }

    @Test("A handler that was given up may have done its work", arguments: Way.allCases)
    func givenUp(way: Way) async throws {
        let stub = ReviewsStub(
            onList: { _ in throw CancellationError() }, onDelete: { throw CancellationError() })
        try await RunningHost.with(stub) { running in
            let writing = try await serviceError { try await running.reviews(way).deleteReview(.init()) }
            #expect(writing.reason == "outcome_unknown")
            let reading = try await serviceError { try await running.reviews(way).getProductReviews(.init()) }
            #expect(reading.reason == "cancelled")
        }
    }

    private struct BrokenWriter: RPCWriterProtocol {
        func write(_ element: [UInt8]) async throws {
            throw RPCError(code: .cancelled, message: "the stream has ended")
        }
        func write(contentsOf elements: some Sequence<[UInt8]>) async throws { try await write([]) }
    }

    @Test("Work that is done, and cannot be told of, may have been done")
    func untold() async throws {
        let interceptor = ServerCallInterceptor(
            verifier: nil, calls: OpenCalls(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let request = StreamingServerRequest(single: ServerRequest(metadata: [:], message: [UInt8]()))
        for (method, reason) in [
            (Reviews_Reviews.Method.DeleteReview.descriptor, "outcome_unknown"),
            (Reviews_Reviews.Method.ListReviews.descriptor, "cancelled"),
        ] {
            try await withServerContextRPCCancellationHandle { handle in
                let context = ServerContext(
                    descriptor: method, remotePeer: "test", localPeer: "test", cancellation: handle)
                let response = try await interceptor.intercept(request: request, context: context) { _, _ in
                    StreamingServerResponse(single: ServerResponse(message: [UInt8]()))
                }
                let contents = try response.accepted.get()
                let error = await #expect(throws: RPCError.self) {
                    _ = try await contents.producer(RPCWriter(wrapping: BrokenWriter()))
                }
                #expect(try ServiceError(#require(error)).reason == reason)
            }
        }
    }

    @Test("A call that nobody can be told has ended is given up at its deadline")
    func untoldEnd() async throws {
        let interceptor = ServerCallInterceptor(
            verifier: nil, calls: OpenCalls(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let request = StreamingServerRequest(
            single: ServerRequest(metadata: [CallMetadata.timeLeft: "50m"], message: [UInt8]()))
        // As of a stream that was closed before its handler began: nothing cancels this one.
        try await withServerContextRPCCancellationHandle { handle in
            let context = ServerContext(
                descriptor: Reviews_Reviews.Method.DeleteReview.descriptor, remotePeer: "test", localPeer: "test",
                cancellation: handle)
            let response = try await interceptor.intercept(request: request, context: context) { _, _ in
                try await Task.sleep(for: .seconds(600))
                return StreamingServerResponse(single: ServerResponse(message: [UInt8]()))
            }
            let error = #expect(throws: RPCError.self) { try response.accepted.get() }
            #expect(try ServiceError(#require(error)).reason == "outcome_unknown")
        }
    }

    @Test(
        "A call is cancelled when its caller has gone, and one that ends soon by itself is not",
        arguments: [false, true])
    func callerGone(isBrief: Bool) async throws {
        let method = Reviews_Reviews.Method.GetAverageEvaluation.descriptor
        let interceptor = ServerCallInterceptor(
            verifier: nil, calls: OpenCalls(), briefMethods: isBrief ? [method] : [],
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let request = StreamingServerRequest(single: ServerRequest(metadata: [:], message: [UInt8]()))
        let cancelled = Notes<Bool>()
        try await withServerContextRPCCancellationHandle { handle in
            let context = ServerContext(descriptor: method, remotePeer: "test", localPeer: "test", cancellation: handle)
            let response = try await interceptor.intercept(request: request, context: context) { _, _ in
                handle.cancel()
                // As long as it takes, or long enough for it to be seen where it should not come.
                var turns = 0
                while !Task.isCancelled, !isBrief || turns < 1000 {
                    await Task.yield()
                    turns += 1
                }
                cancelled.add(Task.isCancelled)
                return StreamingServerResponse(single: ServerResponse(message: [UInt8]()))
            }
            #expect(throws: Never.self) { try response.accepted.get() }
        }
        #expect(cancelled.all == [!isBrief])
    }

    @Test("Methods write unless their name says that they read")
    func effects() {
        let methods =
            Products_Products.Method.descriptors + Orders_Orders.Method.descriptors
            + Cart_Customers.Method.descriptors + Liked_Liked.Method.descriptors + Reviews_Reviews.Method.descriptors
            + Notifications_Notifications.Method.descriptors + Grpc_Health_V1_Health.Method.descriptors
        #expect(
            methods.filter(CallEffect.writes).map(\.method).sorted() == [
                "CancelOrder", "ClearCart", "CreateCategory", "DeleteCategory", "DeleteFromCart", "DeleteLiked",
                "DeleteProduct", "DeleteProductLiked", "DeleteReview", "MergeCart", "PlaceOrder", "PostLiked",
                "PostProduct", "PostProducts", "PostReview", "PostToCart", "RenameCategory", "SetCartAmount", "TopUp",
                "UpdateProduct",
            ])
    }
}
