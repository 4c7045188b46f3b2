extension ServiceError {
    /// The error of a deed for which something it stands on failed before anything of it was written.
    ///
    /// A refusal stays as it is. What may mean that something was done says that nothing was.
    ///
    /// - Parameter participle: What was to be done, as in `ordered`.
    public static func nothing(_ participle: String, because error: any Error) -> any Error {
        let cause = ServiceError(mapping: error)
        switch cause.code {
        case .unavailable where !cause.leavesOutcomeOpen:
            return ServiceError.unavailable(cause.reason, "nothing was \(participle): \(cause.message)")
                .retrying(after: cause.retryAfter ?? .seconds(1))
        case .unavailable, .deadlineExceeded, .cancelled:
            return ServiceError.unavailable(
                "nothing_\(participle)", "nothing was \(participle): something it needs did not answer in time"
            ).retrying(after: .seconds(1))
        default:
            return error
        }
    }
}
