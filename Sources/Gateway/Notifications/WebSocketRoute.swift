import HTTPTypes
import Hosting
import Hummingbird
import Logging
import NIOCore
import ServiceContextModule
import ShopProtos
import WebSockets

/// A user's notifications as they are written: `GET /ws`, a WebSocket.
struct WebSocketRoute: Sendable {
    let notifications: any Notifications_Notifications.ClientProtocol
    let verifier: TokenVerifier
    let origins: OriginPolicy
    let options: WebSocketOptions
    let delays: RetryPause.Delays
    let sessions: WebSocketSessions
    let stream: NotificationStream
    let metrics = WebSocketMetrics(prefix: "gateway_websocket")

    init(
        notifications: any Notifications_Notifications.ClientProtocol, verifier: TokenVerifier, origins: OriginPolicy,
        options: WebSocketOptions, delays: RetryPause.Delays = .init()
    ) {
        self.notifications = notifications
        self.verifier = verifier
        self.origins = origins
        self.options = options
        self.delays = delays
        self.stream = .watching(notifications)
        self.sessions = WebSocketSessions(limit: options.sessions, perUser: options.sessionsPerUser)
    }

    func add(to table: inout RouteTable) {
        table.get("/ws", .signedInByHandshake) { request, context in
            try await open(request, context)
        }
    }

    /// Answers 101; the session then runs as the answer's body.
    private func open(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let handshake = try NotificationHandshake(request, origins: origins)
        let identity = try await verifier.verify(handshake.token)
        let connection = try await connection(of: context, for: identity)
        let session = NotificationSession(
            connection: connection, identity: identity, after: handshake.after,
            watch: NotificationWatch(
                notifications: notifications, stream: stream, userID: identity.subject, token: handshake.token,
                delays: delays, logger: context.logger),
            logger: context.logger)
        let scope = ServiceContext.current ?? .topLevel
        let caller = CallContext(requestID: context.requestID, identity: identity, token: handshake.token)
        return Response(
            status: .switchingProtocols, headers: handshake.acceptance,
            body: ResponseBody { writer in
                await ServiceContext.withValue(scope) {
                    await caller.run { await session.run() }
                }
                try await writer.finish(nil)
            })
    }

    /// Takes a place among the sessions, until the connection ends.
    private func connection(of context: GatewayContext, for identity: Identity) async throws -> WebSocketConnection {
        let lifetime = identity.lifetime()
        guard let channel = context.channel else { throw Problem.internalError }
        let connection: WebSocketConnection
        do {
            connection = try await channel.eventLoop.submit {
                try channel.pipeline.syncOperations.handler(type: WebSocketUpgradeHandler.self)
                    .prepare(options: options, lifetime: lifetime, metrics: metrics)
            }.get()
        } catch {
            throw Problem.unavailable("upgrade_failed", "this connection cannot be upgraded; try another one")
        }
        let id: UInt64
        do {
            id = try sessions.enter(identity.subject) {
                connection.close(.replaced, "a newer session of the same user has taken its place")
            }
        } catch {
            throw Problem.unavailable("too_many_sessions", "there are too many open connections; try again")
        }
        metrics.opened()
        connection.whenClosed.whenSuccess { [sessions, metrics] code in
            sessions.leave(id, of: identity.subject)
            metrics.closed(code)
        }
        return connection
    }
}
