/// Which error tells a caller what a lost connection means for its work. Never guesses.
enum LossJudgement {
    static func error(for effect: PipelineUnit.Effect, loss: PipelineLoss, cause: PostgresError) -> PostgresError {
        error(for: effect, isOutcomeKnown: loss != .unknown, cause: cause)
    }

    static func error(for effect: PipelineUnit.Effect, isOutcomeKnown: Bool, cause: PostgresError) -> PostgresError {
        var error = cause
        switch effect {
        case .insideTransaction, .read:
            error.isRetryable = cause.kind != .closed
            if error.kind != .closed { error.kind = .connection }
        case .autocommit where isOutcomeKnown:
            error.isRetryable = cause.kind != .closed
            if error.kind != .closed { error.kind = .connection }
        case .commit where cause.kind == .closed && isOutcomeKnown:
            error.isRetryable = false
        case .autocommit, .commit:
            error.kind = .commitOutcomeUnknown
            error.isRetryable = false
            error.message = "the connection was lost while a commit was under way: \(cause.message)"
        }
        return error
    }
}
