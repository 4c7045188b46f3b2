public import Throttling

/// The time for which sessions last, and for which those wait who guess.
public struct AccountOptions: Sendable {
    /// The time an access token lives: it cannot be taken back before. Whole seconds.
    public var accessTokenLifetime: Duration = .seconds(900)
    /// The time a refresh token can be used, from its issue.
    public var refreshTokenLifetime: Duration = .seconds(30 * 86_400)
    /// The time one can stay signed in by refreshing, from the sign-in.
    public var sessionLifetime: Duration = .seconds(90 * 86_400)
    /// The time after its first use in which a refresh token may be used again without ending the session: a double
    /// click, or an answer that was lost on its way.
    public var refreshTokenGrace: Duration = .seconds(10)
    /// The time that somebody has to wait who has given a wrong password.
    public var backoff = Backoff.Policy()

    /// The usual ones.
    public init() {}
}
