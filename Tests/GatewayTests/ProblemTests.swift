import FoundationEssentials
import GRPCCore
import HTTPTypes
import Hosting
import HummingbirdCore
import Testing

@testable import Gateway
@testable import Postgres

@Suite struct ProblemTests {
    @Test(
        arguments: [
            (.invalidArgument, 400), (.outOfRange, 400), (.unauthenticated, 401), (.permissionDenied, 403),
            (.notFound, 404), (.alreadyExists, 409), (.aborted, 409), (.failedPrecondition, 409),
            (.resourceExhausted, 429), (.unavailable, 503), (.deadlineExceeded, 504), (.internal, 500),
            (.unimplemented, 500),
        ] as [(ServiceError.Code, Int)])
    func givesEveryServiceErrorItsStatus(_ code: ServiceError.Code, _ status: Int) {
        let problem = Problem(ServiceError(code, reason: "some_reason", message: "a sentence"))
        #expect(problem.status.code == status)
        #expect(problem.code == (status == 500 ? "internal_error" : "some_reason"))
        #expect((problem.headers[.retryAfter] != nil) == [429, 503, 504].contains(status))
        #expect((problem.headers[.wwwAuthenticate] != nil) == (status == 401))
    }

    @Test func understandsErrorsThatCameOverTheWire() {
        let error = RPCError(
            code: .failedPrecondition, message: "this key was used for another order",
            metadata: [ServiceError.reasonMetadataKey: "idempotency_key_reused"])
        let problem = Problem(error)
        #expect(problem.status == .unprocessableContent)
        #expect(problem.code == "idempotency_key_reused")
        #expect(problem.detail == "this key was used for another order")
    }

    @Test func theShopsStateIsAConflictAndAReusedKeyIsNot() {
        for (reason, status) in [("product_reserved", 409), ("idempotency_key_reused", 422)] {
            #expect(Problem(ServiceError.failedPrecondition(reason, "x")).status.code == status)
        }
        #expect(Problem(ServiceError.aborted("order_not_cancellable", "x")).status == .conflict)
    }

    /// Whoever is told to try again buys twice.
    @Test func whatMayHaveBeenDoneDoesNotInviteToDoItAgain() {
        let message = "it is not known whether the change was made; look before repeating"
        let errors: [any Error] = [
            ServiceError.unavailable("outcome_unknown", message),
            RPCError(
                code: .unavailable, message: message,
                metadata: [ServiceError.reasonMetadataKey: "outcome_unknown"]),
            PostgresError(.commitOutcomeUnknown, "the connection was lost"),
        ]
        for error in errors {
            let problem = Problem(error)
            #expect(problem.status == .serviceUnavailable && problem.code == "outcome_unknown")
            #expect(problem.detail == message)
            #expect(problem.headers[.retryAfter] == nil)
        }
        let late = Problem(RPCError(code: .deadlineExceeded, message: "10.0.0.7:9001"))
        #expect(late.detail.contains("may have been done") && late.detail.contains("the same Idempotency-Key"))
        #expect(!late.detail.contains("try again") && !late.detail.contains("10.0.0.7"))
        let away = Problem(PostgresError(.connection, "refused"))
        #expect(away.code == "database_unavailable" && away.headers[.retryAfter] == "1")
    }

    @Test func workThatWasGivenUpMayHaveBeenDone() {
        let writing = Problem(CancellationError(), writes: true)
        #expect(writing.status == .serviceUnavailable && writing.code == "outcome_unknown")
        #expect(writing.headers[.retryAfter] == nil && !writing.detail.contains("try again"))
        let reading = Problem(CancellationError(), writes: false)
        #expect(reading.code == "shutting_down" && reading.headers[.retryAfter] == "1")
    }

    @Test func tellsHowLongToWaitWhereThatIsKnown() {
        var used = ServiceError.aborted("idempotency_key_in_use", "this key is in use")
        used.retryAfter = .milliseconds(4200)
        var overloaded = ServiceError.unavailable("overloaded", "too much is waiting")
        overloaded.retryAfter = .seconds(30)
        for (error, status, wait) in [(used, 409, "5"), (overloaded, 503, "30")] {
            for error in [error as any Error, RPCError(error)] {
                let problem = Problem(error)
                #expect(problem.status.code == status && problem.headers[.retryAfter] == wait)
                #expect(problem.detail == (status == 409 ? used.message : overloaded.message))
            }
        }
    }

    @Test func showsNothingOfWhatItDoesNotKnow() {
        struct Secret: Error {
            let password = "hunter2"
        }
        #expect(Problem(Secret()) == .internalError)
        #expect(Problem(ServiceError(.internal, reason: "x", message: "at line 5 of the SQL")) == .internalError)
        let transport = Problem(RPCError(code: .unavailable, message: "connect to 10.0.0.7:9001 failed"))
        #expect(transport.status == .serviceUnavailable)
        #expect(!transport.detail.contains("10.0.0.7"))
    }

    @Test func travelsAsProblemDetails() throws {
        let response = Problem.invalidField("name", "is required").response(requestID: "r1")
        #expect(response.status == .badRequest)
        #expect(response.headers[.contentType] == "application/problem+json")
    }
}
