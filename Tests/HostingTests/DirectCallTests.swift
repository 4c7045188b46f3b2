import GRPCCore
import Logging
import ShopProtos
import SwiftProtobuf
import Telemetry
import TestSupport
import Testing

@testable import Hosting

@Suite("A call is the same within the process and over the network", .timeLimit(.minutes(60)))
struct DirectCallTests {
    private let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func server(_ role: Role, _ services: [any RegistrableRPCService], _ peers: Peers) -> RoleServer {
        RoleServer(
            role: role, services: services, listen: .off, local: peers.localTransport(of: role), verifier: nil,
            health: HealthMonitor(checks: [:], logger: silent), logger: silent)
    }

    @Test("The deadline cancels the handler", arguments: Way.allCases)
    func deadline(way: Way) async throws {
        let begun = Notes<Void>()
        let ended = Gate()
        let stub = ReviewsStub(onDelete: {
            begun.add(())
            defer { ended.open() }
            try await Task.sleep(for: .seconds(86_400))
        })
        var deadline = Duration.milliseconds(200)
        while begun.all.isEmpty {
            // On a busy machine it may pass before the call is under way.
            deadline *= 2
            try await RunningHost.with(stub, deadline: deadline) { running in
                await CallContext().run {
                    let error = await #expect(throws: RPCError.self) {
                        try await running.reviews(way).deleteReview(.init())
                    }
                    #expect(error?.code == .deadlineExceeded)
                    guard !begun.all.isEmpty else { return }
                    #expect(error.map { ServiceError(mapping: $0).reason } == "outcome_unknown")
                }
            }
        }
        await ended.wait()
    }

    @Test("A handler is told that its caller has gone", arguments: Way.allCases)
    func told(way: Way) async throws {
        let (begun, told) = (Gate(), Gate())
        let stub = ReviewsStub(onList: { _ in
            await withRPCCancellationHandler {
                begun.open()
                await told.wait()
            } onCancelRPC: {
                told.open()
            }
        })
        try await RunningHost.with(stub) { running in
            let calling = Task { try await running.reviews(way).getProductReviews(.init()) }
            await begun.wait()
            calling.cancel()
            await told.wait()
            let result = await calling.result
            #expect(throws: (any Error).self) { try result.get() }
        }
    }

    @Test("A wait travels with an error, in whole seconds", arguments: Way.allCases)
    func retryAfter(way: Way) async throws {
        let thrown = ServiceError.resourceExhausted("too_many", "later").retrying(after: .milliseconds(1500))
        try await RunningHost.with(ReviewsStub(onDelete: { throw thrown })) { running in
            let received = try await serviceError { try await running.reviews(way).deleteReview(.init()) }
            #expect(received == thrown.retrying(after: .seconds(2)))
        }
    }

    @Test("What the caller has put into the metadata comes before its context", arguments: Way.allCases)
    func ownMetadata(way: Way) async throws {
        let keys = SigningKeys.generate(.eddsa)
        let issuer = Tokens.issuer(keys)
        let customer = try await issuer.issue(subject: 7, role: .customer, scopes: [], ttl: .seconds(600)).token
        let admin = try await issuer.issue(subject: 1, role: .admin, scopes: [], ttl: .seconds(600)).token
        let trace = "00-\(String(repeating: "a", count: 32))-\(String(repeating: "b", count: 16))-01"
        let stub = ReviewsStub()
        try await RunningHost.with(stub, verifier: Tokens.verifier(keys)) { running in
            try await CallContext(requestID: "context", token: customer).run {
                _ = try await running.reviews(way).getProductReviews(
                    .init(),
                    metadata: [
                        "authorization": .string("Bearer \(admin)"), "x-request-id": "own",
                        "traceparent": .string(trace),
                    ])
                _ = try await running.reviews(way).getProductReviews(.init(), metadata: ["authorization": "Basic x"])
            }
        }
        let seen = stub.seen.all
        #expect(seen.map(\.identity?.subject) == [1, nil] && seen.map(\.token) == [admin, nil])
        #expect(seen.map(\.requestID) == ["own", "context"])
        #expect(seen.first?.trace?.traceID == String(repeating: "a", count: 32))
    }

    @Test("A handler's own calls are not its caller's", arguments: Way.allCases)
    func separateNotes(way: Way) async throws {
        let stub = ReviewsStub(onList: { _ in CallContext.current?.sent.send() })
        try await RunningHost.with(stub) { running in
            try await CallContext().run {
                _ = try await running.reviews(way).getProductReviews(.init())
                #expect(CallContext.current?.sent.mayHaveActed == false)
            }
        }
    }

    @Test("A call is logged by its server", arguments: Way.allCases)
    func logged(way: Way) async throws {
        let log = CapturedLog()
        try await RunningHost.with(logger: log.logger()) { running in
            _ = try await running.reviews(way).deleteReview(.init())
        }
        let lines = log.lines.filter { $0.message == "call" }
        #expect(lines.map { $0.metadata["method"] } == ["reviews.Reviews/DeleteReview"])
        #expect(lines.map { $0.metadata["status"] } == ["ok"])
    }

    @Test("A server that stops refuses calls, and lets open ones end", arguments: Way.allCases)
    func stopping(way: Way) async throws {
        let (begun, mayEnd) = (Gate(), Gate())
        let stub = ReviewsStub(onList: { _ in
            begun.open()
            await mayEnd.wait()
        })
        try await RunningHost.with(stub) { running in
            defer { mayEnd.open() }
            let open = Task { try await running.reviews(way).getProductReviews(.with { $0.productID = 3 }) }
            await begun.wait()
            await running.host.stop()
            let refusal = try await eventuallyValue("calls are refused") {
                do {
                    _ = try await running.reviews(way).deleteReview(.init())
                    return nil as ServiceError?
                } catch let error as RPCError {
                    return ServiceError(error)
                }
            }
            // Over the network nobody is there any more.
            #expect(refusal.code == .unavailable && (way == .overNetwork || refusal.reason == "shutting_down"))
            mayEnd.open()
            #expect(try await open.value.reviews.first?.productID == 3)
        }
    }

    @Test("A service that is not there", arguments: Way.allCases)
    func unimplemented(way: Way) async throws {
        @Sendable func expectRefusal(_ peers: Peers) async throws {
            try await peers.withConnections {
                let error = try await serviceError { try await peers.orders.getOrders(.init()) }
                #expect(error.code == .unimplemented)
            }
        }
        switch way {
        case .overNetwork:
            try await RunningHost.with { running in
                try await expectRefusal(
                    Peers(
                        local: [], options: .init(addresses: [.orders: [running.address]], deadline: .seconds(600))))
            }
        case .withinProcess:
            let peers = try Peers(local: [.orders])
            let running = Task { [server = server(.orders, [ReviewsStub()], peers)] in try await server.run() }
            try await expectRefusal(peers)
            running.cancel()
            _ = await running.result
        }
    }

    // MARK: - Within the process, without any transport

    @Test("A call waits for a server that has not begun, within its deadline")
    func early() async throws {
        let peers = try Peers(local: [.reviews])
        var options = CallOptions.defaults
        options.timeout = .milliseconds(50)
        await CallContext().run { [options] in
            let error = await #expect(throws: RPCError.self) {
                try await peers.reviews.deleteReview(.init(), options: options)
            }
            #expect(error?.code == .deadlineExceeded)
            // It was not sent, and says so.
            #expect(error.map { ServiceError(mapping: $0).reason } == "peer_unavailable")
        }
        options.timeout = .seconds(86_400)
        let waiting = Task { [options] in try await peers.reviews.deleteReview(.init(), options: options) }
        let abandoned = Task { [options] in try await peers.reviews.deleteReview(.init(), options: options) }
        abandoned.cancel()
        let result = await abandoned.result
        #expect(throws: RPCError.self) { try result.get() }
        let running = Task { [server = server(.reviews, [ReviewsStub()], peers)] in try await server.run() }
        #expect(try await waiting.value.status == "ok")
        running.cancel()
        _ = await running.result
    }

    @Test("What is given up before it is sent is not sent")
    func givenUpBefore() async throws {
        let called = Notes<Void>()
        try await RunningHost.with(ReviewsStub(onDelete: { called.add(()) })) { running in
            let mayCall = Gate()
            let calling = Task {
                await mayCall.wait()
                await CallContext().run {
                    let error = await #expect(throws: RPCError.self) {
                        try await running.local.reviews.deleteReview(.init())
                    }
                    #expect(error.map { ServiceError(mapping: $0).reason } == "cancelled")
                }
            }
            calling.cancel()
            mayCall.open()
            await calling.value
        }
        #expect(called.all.isEmpty)
    }

    @Test("A server that is cut off cancels its handlers, and ends after them")
    func cut() async throws {
        let peers = try Peers(local: [.reviews])
        let begun = Gate()
        let ended = Notes<Void>()
        let stub = ReviewsStub(onDelete: {
            begun.open()
            defer { ended.add(()) }
            try await Task.sleep(for: .seconds(86_400))
        })
        let running = Task { [server = server(.reviews, [stub], peers)] in try await server.run() }
        let calling = Task { try await serviceError { try await peers.reviews.deleteReview(.init()) } }
        await begun.wait()
        running.cancel()
        _ = await running.result
        #expect(ended.all.count == 1)
        let error = try await calling.value
        #expect(error.code == .unavailable && error.reason == "outcome_unknown")
        let late = try await serviceError { try await peers.reviews.deleteReview(.init()) }
        #expect(late.code == .unavailable && late.reason != "outcome_unknown")
    }

    @Test("The deadline of a call is kept whatever other calls are open")
    func manyDeadlines() async throws {
        let gate = Gate()
        let stub = ReviewsStub(onList: { _ in await gate.wait() })
        try await RunningHost.with(stub, deadline: .seconds(86_400)) { running in
            defer { gate.open() }
            let patient = Task { try await running.local.reviews.getProductReviews(.with { $0.productID = 5 }) }
            // The later deadlines come first, each before the last one's look.
            for milliseconds in [400, 200, 100, 50, 100, 200] {
                var options = CallOptions.defaults
                options.timeout = .milliseconds(milliseconds)
                let error = try await serviceError { [options] in
                    try await running.local.reviews.getProductReviews(.init(), options: options)
                }
                #expect(error.code == .deadlineExceeded)
            }
            gate.open()
            #expect(try await patient.value.reviews.first?.productID == 5)
        }
    }
}
