/// A refusal or failure as a caller may see it: the one error type that services, gateway and commands share.
///
/// Between processes it travels as a gRPC status, with the reason in the trailing metadata `shop-reason` and the wait,
/// where there is one, in `shop-retry-after`.
public struct ServiceError: Error, Sendable, Hashable {
    /// The kind of the error; each has one gRPC status code.
    public var code: Code
    /// A stable `snake_case` word for programs, such as `product_not_found`.
    public var reason: String
    /// A sentence for the caller. Never holds internals.
    public var message: String
    /// The time to wait before it is worth asking again, where that is known.
    public var retryAfter: Duration?

    /// Creates an error.
    ///
    /// - Parameters:
    ///   - reason: A stable `snake_case` word for programs; ASCII only, it travels in a header.
    ///   - message: A sentence for the caller, without internals.
    ///   - retryAfter: How long to wait before it is worth asking again; whole seconds travel.
    public init(_ code: Code, reason: String, message: String, retryAfter: Duration? = nil) {
        self.code = code
        self.reason = reason
        self.message = message
        self.retryAfter = retryAfter
    }

    /// The same error with a wait after which it is worth asking again.
    public func retrying(after wait: Duration) -> ServiceError {
        var error = self
        error.retryAfter = wait
        return error
    }

    /// The kind of error.
    public enum Code: String, Sendable, Hashable, CaseIterable, Codable {
        case invalidArgument = "invalid_argument"
        case unauthenticated
        case permissionDenied = "permission_denied"
        case notFound = "not_found"
        case alreadyExists = "already_exists"
        case failedPrecondition = "failed_precondition"
        case aborted
        case outOfRange = "out_of_range"
        case resourceExhausted = "resource_exhausted"
        case unavailable
        case deadlineExceeded = "deadline_exceeded"
        case cancelled
        case unimplemented
        case `internal`
    }
}

extension ServiceError: CustomStringConvertible {
    public var description: String { "\(code.rawValue) (\(reason)): \(message)" }
}

extension ServiceError {
    /// The request itself is wrong, whatever the state of the shop.
    public static func invalidArgument(_ reason: String, _ message: String) -> ServiceError {
        ServiceError(.invalidArgument, reason: reason, message: message)
    }

    /// Nobody vouches for the caller.
    public static func unauthenticated(_ reason: String, _ message: String) -> ServiceError {
        ServiceError(.unauthenticated, reason: reason, message: message)
    }

    /// The caller is known and may not do this.
    public static func permissionDenied(_ reason: String, _ message: String) -> ServiceError {
        ServiceError(.permissionDenied, reason: reason, message: message)
    }

    /// The thing asked for does not exist, or not for this caller.
    public static func notFound(_ reason: String, _ message: String) -> ServiceError {
        ServiceError(.notFound, reason: reason, message: message)
    }

    /// The state of the shop forbids it until somebody changes that state.
    public static func failedPrecondition(_ reason: String, _ message: String) -> ServiceError {
        ServiceError(.failedPrecondition, reason: reason, message: message)
    }

    /// Two callers got in each other's way; doing it again may work.
    public static func aborted(_ reason: String, _ message: String) -> ServiceError {
        ServiceError(.aborted, reason: reason, message: message)
    }

    /// A quota or a bounded waiting line is full.
    public static func resourceExhausted(_ reason: String, _ message: String) -> ServiceError {
        ServiceError(.resourceExhausted, reason: reason, message: message)
    }

    /// Something it stands on is away; trying again later may work.
    public static func unavailable(_ reason: String, _ message: String) -> ServiceError {
        ServiceError(.unavailable, reason: reason, message: message)
    }

    /// The time allowed is over; what was asked for may have happened or not.
    public static func deadlineExceeded(_ reason: String, _ message: String) -> ServiceError {
        ServiceError(.deadlineExceeded, reason: reason, message: message)
    }

    /// The caller went away or gave up.
    public static func cancelled(_ reason: String, _ message: String) -> ServiceError {
        ServiceError(.cancelled, reason: reason, message: message)
    }

    /// There is no such operation here.
    public static func unimplemented(_ reason: String, _ message: String) -> ServiceError {
        ServiceError(.unimplemented, reason: reason, message: message)
    }
}
