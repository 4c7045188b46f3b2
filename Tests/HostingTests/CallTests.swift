import FoundationEssentials
import GRPCCore
import Logging
import ServiceContextModule
import ShopProtos
import SwiftProtobuf
import Telemetry
import Testing

@testable import Hosting
@testable import Postgres

@Suite("Calls carry who calls, and errors that may be shown")
struct CallTests {
    let keys = SigningKeys.generate(.eddsa)

    struct Unforeseen: Error, CustomStringConvertible {
        var description: String { "a secret of the inside" }
    }

    func token(_ subject: Int64, _ role: ShopRole = .customer) async throws -> String {
        try await Tokens.issuer(keys).issue(subject: subject, role: role, scopes: ["a"], ttl: .seconds(60)).token
    }

    @Test("Identity, request id and trace reach the handler", arguments: Way.allCases)
    func forwarding(way: Way) async throws {
        let stub = ReviewsStub()
        let token = try await token(7)
        let verifier = try Tokens.verifier(keys)
        let identity = try await verifier.verify(token)
        let trace = TraceContext.root()
        try await RunningHost.with(stub, verifier: verifier) { running in
            var service = ServiceContext.topLevel
            service.traceContext = trace
            try await ServiceContext.withValue(service) {
                try await CallContext(requestID: "request-1", identity: identity, token: token).run {
                    _ = try await running.reviews(way).getProductReviews(.with { $0.productID = 1 })
                }
            }
        }
        let seen = try #require(stub.seen.all.first)
        #expect(seen.identity == identity)
        #expect(seen.token == token)
        #expect(seen.requestID == "request-1")
        #expect(seen.trace?.traceID == trace.traceID)
        #expect(seen.trace?.spanID != trace.spanID)
    }

    @Test("A call without context gets a request id and a trace, and has no caller", arguments: Way.allCases)
    func anonymous(way: Way) async throws {
        let stub = ReviewsStub()
        try await RunningHost.with(stub, verifier: Tokens.verifier(keys)) { running in
            _ = try await running.reviews(way).getProductReviews(.init())
            _ = try await running.reviews(way).getProductReviews(.init(), metadata: ["x-request-id": "no good\u{7f}id"])
        }
        #expect(stub.seen.all.allSatisfy { $0.identity == nil && $0.token == nil && $0.trace != nil })
        let ids = stub.seen.all.compactMap(\.requestID)
        #expect(ids.count == 2 && Set(ids).count == 2 && !ids.contains { $0.contains("no") })
    }

    @Test("Ownership and roles are checked", arguments: Way.allCases)
    func ownership(way: Way) async throws {
        let customer = try await token(7)
        let admin = try await token(1, .admin)
        try await RunningHost.with(verifier: Tokens.verifier(keys)) { running in
            let reviews = running.reviews(way)
            func post(_ token: String?, for user: Int64) async throws -> Int64 {
                try await withIdentity(nil, token: token) {
                    try await reviews.postReview(.with { $0.userID = user }).id
                }
            }
            #expect(try await post(customer, for: 7) == 7)
            #expect(try await post(admin, for: 7) == 1)
            let stranger = try await serviceError { try await post(customer, for: 8) }
            #expect(stranger.code == .permissionDenied && stranger.reason == "not_owner")
            let nobody = try await serviceError { try await post(nil, for: 7) }
            #expect(nobody.code == .unauthenticated && nobody.reason == "token_required")
            let forged = try await serviceError { try await post(customer + "x", for: 7) }
            #expect(forged.code == .unauthenticated && forged.reason == "token_bad_signature")
            let role = try await serviceError {
                try await withIdentity(nil, token: customer) { try await reviews.getAverageEvaluation(.init()) }
            }
            #expect(role.code == .permissionDenied && role.reason == "role_required")
        }
    }

    @Test("Errors of every kind travel whole", arguments: ServiceError.Code.allCases, Way.allCases)
    func errorRoundTrip(code: ServiceError.Code, way: Way) async throws {
        let thrown = ServiceError(code, reason: "some_reason", message: "Größe: 100 % — \"quoted\"")
        try await RunningHost.with(ReviewsStub(onList: { _ in throw thrown })) { running in
            let received = try await serviceError { try await running.reviews(way).getProductReviews(.init()) }
            #expect(received == thrown)
        }
    }

    @Test("What nobody foresaw is logged with the request id and never shown", arguments: Way.allCases)
    func unforeseen(way: Way) async throws {
        let log = CapturedLog()
        let stub = ReviewsStub(onList: { _ in throw Unforeseen() })
        try await RunningHost.with(stub, logger: log.logger()) { running in
            await CallContext(requestID: "request-9").run {
                let error = await #expect(throws: RPCError.self) {
                    try await running.reviews(way).getProductReviews(.init())
                }
                #expect(error?.code == .internalError)
                #expect(error?.message == "internal error")
                #expect(error.map { "\($0) \($0.metadata)" }?.contains("secret") == false)
                #expect(error.map { ServiceError($0).reason } == "internal_error")
            }
        }
        let line = try #require(log.lines.first { $0.level == .error })
        #expect(line.metadata["request_id"] == "request-9")
        #expect(line.metadata["error"] == "a secret of the inside")
        #expect(line.metadata["method"] == "reviews.Reviews/GetProductReviews")
    }

    @Test("A call leaves a line at level debug, with its request, and no other", arguments: Way.allCases)
    func told(way: Way) async throws {
        for (level, count) in [(Logger.Level.debug, 1), (.info, 0)] {
            let log = CapturedLog()
            try await RunningHost.with(logger: log.logger(level)) { running in
                try await CallContext(requestID: "request-5").run {
                    _ = try await running.reviews(way).getProductReviews(.init())
                }
            }
            let lines = log.lines.filter { $0.metadata["method"] == "reviews.Reviews/GetProductReviews" }
            #expect(lines.map(\.message) == Array(repeating: "call", count: count))
            #expect(lines.allSatisfy { $0.requestID == "request-5" && $0.metadata["status"] == "ok" })
        }
    }

    @Test("Errors of other layers are mapped")
    func mapping() {
        func map(_ error: any Error) -> String {
            let mapped = ServiceError(mapping: error)
            return "\(mapped.code.rawValue)/\(mapped.reason)"
        }
        for kind in [PostgresError.Kind.connection, .timeout, .poolTimeout, .closed] {
            #expect(map(PostgresError(kind, "x")) == "unavailable/database_unavailable")
        }
        #expect(map(PostgresError(.cancelled, "x")) == "cancelled/cancelled")
        #expect(map(PostgresError(.commitOutcomeUnknown, "x")) == "unavailable/outcome_unknown")
        #expect(map(PostgresError(.server, "x", sqlState: .uniqueViolation)) == "internal/internal_error")
        #expect(map(PostgresError(.server, "x", sqlState: .adminShutdown)) == "unavailable/database_unavailable")
        #expect(
            map(PostgresError(.server, "x", sqlState: .serializationFailure, isRetryable: true)) == "aborted/conflict")
        let busy = "unavailable/database_busy"
        #expect(map(PostgresError(.server, "x", sqlState: .lockNotAvailable)) == busy)
        #expect(map(PostgresError(.timeout, "x", sqlState: .queryCanceled)) == busy)
        for state in [SQLState.tooManyConnections, .readOnlyTransaction] {
            #expect(map(PostgresError(.server, "x", sqlState: state)) == "unavailable/database_unavailable")
        }
        #expect(map(PostgresError(.decoding, "x")) == "internal/internal_error")
        #expect(map(CancellationError()) == "cancelled/cancelled")
        #expect(map(TokenError(.expired, "x")) == "unauthenticated/token_expired")
        #expect(map(ServiceError.notFound("gone", "x")) == "not_found/gone")
        // An error received from another service goes on as it is; a transport's loses its text.
        #expect(map(RPCError(ServiceError.notFound("gone", "x"))) == "not_found/gone")
        let down = ServiceError(mapping: RPCError(code: .unavailable, message: "10.1.2.3: refused"))
        #expect(down.reason == "peer_unavailable" && !down.message.contains("10.1"))
        // Who has not noted how far the call came must suppose that it was sent.
        #expect(map(RPCError(code: .deadlineExceeded, message: "x")) == "deadline_exceeded/outcome_unknown")
        #expect(map(RPCError(code: .notFound, message: "x")) == "internal/internal_error")
        #expect(map(RPCError(code: .unknown, message: "x")) == "internal/internal_error")
    }

    @Test("A call that takes too long ends at its deadline", arguments: Way.allCases)
    func deadline(way: Way) async throws {
        let gate = Gate()
        let stub = ReviewsStub(onList: { _ in await gate.wait() })
        try await RunningHost.with(stub, deadline: .milliseconds(100)) { running in
            let error = try await serviceError { try await running.reviews(way).getProductReviews(.init()) }
            #expect(error.code == .deadlineExceeded)
            // A call may allow itself more time than the others.
            async let patient = running.reviews(way).getProductReviews(
                .with { $0.productID = 3 },
                options: {
                    var options = CallOptions.defaults; options.timeout = .seconds(30); return options
                }())
            gate.open()
            #expect(try await patient.reviews.first?.productID == 3)
        }
    }

    @Test("A call whose caller has gone is given up", .timeLimit(.minutes(60)), arguments: Way.allCases)
    func callerGone(way: Way) async throws {
        let begun = Gate()
        let (ended, end) = AsyncStream<Void>.makeStream()
        let stub = ReviewsStub(onList: { _ in
            begun.open()
            defer { end.finish() }
            try await Task.sleep(for: .seconds(86_400))
        })
        try await RunningHost.with(stub) { running in
            let calling = Task { try await running.reviews(way).getProductReviews(.init()) }
            await begun.wait()
            calling.cancel()
            for await _ in ended {}
            #expect(!Task.isCancelled, "the handler goes on")
        }
    }

    @Test("A message that cannot be read is the caller's fault")
    func malformedMessage() async throws {
        try await RunningHost.with { running in
            let client = GRPCClient(transport: try running.transport())
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask { try await client.runConnections() }
                let error = try await serviceError {
                    try await client.unary(
                        request: ClientRequest<[UInt8]>(message: [0xff, 0xff]),
                        descriptor: Reviews_Reviews.Method.PostReview.descriptor, serializer: Bytes(),
                        deserializer: Bytes(), options: .defaults
                    ) { try $0.message }
                }
                #expect(error.code == .invalidArgument && error.reason == "malformed_message")
                client.beginGracefulShutdown()
            }
        }
    }

    @Test("Calls are measured by method and outcome")
    func metrics() {
        let registry = PrometheusRegistry()
        let metrics = RPCMetrics("rpc_server", factory: registry)
        let method = Reviews_Reviews.Method.PostReview.descriptor
        metrics.record(method, code: nil, duration: .milliseconds(3))
        metrics.record(method, code: .notFound, duration: .milliseconds(3))
        metrics.record(method, code: .notFound, duration: .milliseconds(3))
        let text = registry.render()
        #expect(text.contains("rpc_server_seconds_count"))
        #expect(text.contains(#"code="not_found""#) && text.contains(#"method="reviews.Reviews/PostReview""#))
    }
}
