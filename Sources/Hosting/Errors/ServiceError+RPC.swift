public import GRPCCore

extension ServiceError: RPCErrorConvertible {
    /// The trailing metadata key that carries ``reason``.
    public static let reasonMetadataKey = "shop-reason"

    public var rpcErrorCode: RPCError.Code { code.rpcCode }
    public var rpcErrorMessage: String { message }
    public var rpcErrorMetadata: Metadata { [Self.reasonMetadataKey: .string(reason)] }

    /// Rebuilds the error on the caller's side.
    ///
    /// An error that did not come from a shop's service (a transport's, say) has its status code for a reason.
    public init(_ error: RPCError) {
        let code = Code(error.code)
        let reason = error.metadata[stringValues: Self.reasonMetadataKey].first { _ in true }
        self.init(code, reason: reason ?? code.rawValue, message: error.message)
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
