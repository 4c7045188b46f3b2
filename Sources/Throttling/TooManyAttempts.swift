/// An attempt that has to wait: too many before it have failed.
public struct TooManyAttempts: Error, Equatable {
    /// Whole seconds after which another one is taken.
    public let retryAfter: Int64
}
