/// How long what the gateway hands out is good for.
public struct GatewayOptions: Sendable {
    /// How long an access token lives: it cannot be taken back before. Whole seconds.
    public var accessTokenLifetime: Duration = .seconds(900)
    /// How long a refresh token can be used, from its issue.
    public var refreshTokenLifetime: Duration = .seconds(30 * 86_400)
    /// How long one can stay signed in by refreshing, from the sign-in.
    public var sessionLifetime: Duration = .seconds(90 * 86_400)
    /// How long after its first use a refresh token may be used again without ending the session: a double click,
    /// or an answer that was lost on its way.
    public var refreshTokenGrace: Duration = .seconds(10)

    /// What a WebSocket may cost.
    public var webSocket = WebSocketOptions()

    /// The usual lifetimes.
    public init() {}
}
