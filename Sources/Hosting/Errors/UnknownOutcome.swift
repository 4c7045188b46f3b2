import GRPCCore

extension ServiceError {
    /// The reason of errors that leave open whether what was asked for was done: nobody is to be told to try again.
    public static let outcomeUnknownReason = "outcome_unknown"

    /// Whether what was asked for may have been done.
    public var leavesOutcomeOpen: Bool { reason == Self.outcomeUnknownReason }

    /// A connection broke, or the work was given up, while what was asked for may have been under way.
    public static let outcomeUnknown = ServiceError(
        .unavailable, reason: outcomeUnknownReason,
        message: "no answer came, and what was asked for may have been done: repeat it with the same Idempotency-Key,"
            + " or look first")

    /// The time was over while what was asked for may have been under way.
    static let outcomeUnknownInTime = ServiceError(
        .deadlineExceeded, reason: outcomeUnknownReason,
        message: "no answer came in time, and what was asked for may have been done: repeat it with the same"
            + " Idempotency-Key, or look first")
}

extension RPCError {
    /// The reason that a service of the shop has given; nil if the error is a transport's.
    var shopReason: String? { metadata[stringValues: ServiceError.reasonMetadataKey].first { _ in true } }

    /// The meaning of a transport's error for a call of a method that writes, once it was sent; nil if the server says,
    /// or the error does, that nothing was done.
    var ofUnknownOutcome: RPCError? {
        guard shopReason == nil, !isRefusal else { return nil }
        let error = code == .deadlineExceeded ? ServiceError.outcomeUnknownInTime : .outcomeUnknown
        return RPCError(
            code: error.rpcErrorCode, message: error.message, metadata: error.rpcErrorMetadata, cause: self)
    }

    /// Whether the call's stream was refused, as by a server that has sent its callers away: HTTP/2's REFUSED_STREAM promises
    /// that nothing was done. The library has put the number into its sentence only.
    var isRefusedStream: Bool { code == .unavailable && shopReason == nil && message.contains("(0x7: ") }

    /// Whether the call was refused before anything was done for it.
    private var isRefusal: Bool {
        switch code {
        case .unavailable: isRefusedStream
        case .deadlineExceeded, .cancelled, .unknown, .internalError, .dataLoss, .aborted: false
        default: true
        }
    }
}
