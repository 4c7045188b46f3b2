import Accounts
import GRPCCore
import HTTPTypes
import Hosting
import Hummingbird
import Passwords
import Postgres

extension Problem {
    /// The meaning of any error to the client; an error we do not know is an internal one and shows nothing.
    ///
    /// - Parameter writes: Whether the request may have changed something before it was given up.
    init(_ error: any Error, writes: Bool = true) {
        switch error {
        case let problem as Problem:
            self = problem
        case let error as ServiceError:
            self = Problem(error)
        case let error as AccountError:
            self = Problem(error)
        case is RPCError, is any RPCErrorConvertible:
            self = Problem(ServiceError(mapping: error))
        case let error as TokenError:
            self = .unauthenticated(
                error.serviceError.reason, error.serviceError.message, challenge: "invalid_token")
        case let error as PostgresError:
            self = Problem(error)
        case is CancellationError:
            // The server has stopped before the answer was there, but not before anything was done perhaps.
            self =
                writes
                ? Problem(ServiceError.outcomeUnknown)
                : .unavailable("shutting_down", "the request was given up; try again")
        case let error as any HTTPResponseError where error.status.kind == .clientError:
            let name = error.status.reasonPhrase
            let code = name.lowercased().map { $0.isLetter || $0.isNumber ? String($0) : "_" }.joined()
            self = Problem(status: error.status, code: code, detail: name)
        default:
            self = .internalError
        }
    }

    /// A service's refusal or failure: its code becomes the status, its reason the code.
    init(_ error: ServiceError) {
        let status: HTTPResponse.Status =
            switch error.code {
            // What the request expected is not so (any more).
            case _ where error.reason == "precondition_failed": .preconditionFailed
            case .invalidArgument, .outOfRange: .badRequest
            case .unauthenticated: .unauthorized
            case .permissionDenied: .forbidden
            case .notFound: .notFound
            case .alreadyExists, .aborted: .conflict
            // The shop's state forbids it; but a key that was used for another body is the request's own fault.
            case .failedPrecondition: error.reason == "idempotency_key_reused" ? .unprocessableContent : .conflict
            case .resourceExhausted: .tooManyRequests
            case .unavailable, .cancelled: .serviceUnavailable
            case .deadlineExceeded: .gatewayTimeout
            case .unimplemented, .internal: .internalServerError
            }
        // What a service says of its own faults is for the log.
        if status == .internalServerError {
            self = .internalError
            return
        }
        self.init(status: status, code: error.reason, detail: error.message)
        // Trying again could do twice what was asked for: its own words say so, and nothing is to invite to it.
        if error.leavesOutcomeOpen { return }
        switch error.code {
        case .unauthenticated:
            headers[.wwwAuthenticate] = "Bearer realm=\"shop\", error=\"invalid_token\""
        case .resourceExhausted, .unavailable, .cancelled, .deadlineExceeded:
            headers[.retryAfter] = "1"
        default:
            break
        }
        if let wait = error.retryAfter {
            // Who knows how long it takes has words of its own.
            headers[.retryAfter] = String(max(1, wait.components.seconds + (wait.components.attoseconds > 0 ? 1 : 0)))
            return
        }
        switch error.code {
        case .unavailable, .cancelled: detail = "a part of the shop is not available; try again"
        case .deadlineExceeded: detail = "a part of the shop did not answer in time; try again"
        default: break
        }
    }

    /// A failure of the gateway's own database: its being away is the client's business, nothing else is.
    init(_ error: PostgresError) {
        switch error.kind {
        case .commitOutcomeUnknown:
            self = Problem(ServiceError(mapping: error))
        case .server where error.sqlState == .lockNotAvailable, .timeout where error.sqlState == .queryCanceled:
            self = .unavailable(ServiceError.databaseBusyReason, "the accounts are busy; try again")
        case .server
        where error.sqlState == .readOnlyTransaction || ["53", "57"].contains(error.sqlState?.classCode),
            .connection, .timeout, .poolTimeout, .closed, .cancelled:
            self = .unavailable("database_unavailable", "the accounts cannot be reached; try again")
        default:
            self =
                error.isRetryable
                ? .unavailable(ServiceError.databaseBusyReason, "the accounts are busy; try again") : .internalError
        }
    }
}
