public import GRPCCore

extension ServiceError: RPCErrorConvertible {
    /// The trailing metadata key that carries ``reason``.
    public static let reasonMetadataKey = "shop-reason"
    /// The trailing metadata key that carries ``retryAfter``, in whole seconds, rounded up.
    public static let retryAfterMetadataKey = "shop-retry-after"
    /// The longest wait that is believed, a day in seconds.
    private static let longestRetryAfter: Int64 = 86_400

    public var rpcErrorCode: RPCError.Code { code.rpcCode }
    public var rpcErrorMessage: String { message }
    public var rpcErrorMetadata: Metadata {
        var metadata: Metadata = [Self.reasonMetadataKey: .string(reason)]
        if let retryAfter {
            let (seconds, rest) = retryAfter.components
            metadata.addString(String(rest > 0 ? seconds + 1 : seconds), forKey: Self.retryAfterMetadataKey)
        }
        return metadata
    }

    /// Rebuilds the error on the caller's side.
    ///
    /// An error that did not come from a shop's service (a transport's, say) has its status code for a reason.
    public init(_ error: RPCError) {
        let code = Code(error.code)
        let reason = error.metadata[stringValues: Self.reasonMetadataKey].first { _ in true }
        let wait = error.metadata[stringValues: Self.retryAfterMetadataKey].first { _ in true }.flatMap { Int64($0) }
        self.init(
            code, reason: reason ?? code.rawValue, message: error.message,
            retryAfter: wait.flatMap { (0...Self.longestRetryAfter).contains($0) ? .seconds($0) : nil })
    }
}

extension ServiceError.Code {
    /// The gRPC status code that stands for this kind of error.
    public var rpcCode: RPCError.Code {
        switch self {
        case .invalidArgument: .invalidArgument
        case .unauthenticated: .unauthenticated
        case .permissionDenied: .permissionDenied
        case .notFound: .notFound
        case .alreadyExists: .alreadyExists
        case .failedPrecondition: .failedPrecondition
        case .aborted: .aborted
        case .outOfRange: .outOfRange
        case .resourceExhausted: .resourceExhausted
        case .unavailable: .unavailable
        case .deadlineExceeded: .deadlineExceeded
        case .cancelled: .cancelled
        case .unimplemented: .unimplemented
        case .internal: .internalError
        }
    }

    /// The kind of error a gRPC status code stands for; `UNKNOWN` and `DATA_LOSS` are ``internal``.
    public init(_ code: RPCError.Code) {
        self = Self.allCases.first { $0.rpcCode == code } ?? .internal
    }
}
