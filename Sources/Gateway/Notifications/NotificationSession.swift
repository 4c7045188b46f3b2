import Hosting
import Logging
import NIOCore
import Telemetry
import WebSockets

/// One open WebSocket: brings a user's notifications to it until it ends.
struct NotificationSession: Sendable {
    let connection: WebSocketConnection
    let identity: Identity
    let after: Int64?
    let watch: NotificationWatch
    let logger: Logger

    /// Runs until the connection has ended.
    func run() async {
        do {
            try await connection.opened()
        } catch {
            // The client has gone before it got the answer.
            return
        }
        let started = ContinuousClock.now
        let code = await withTaskGroup(of: Void.self) { group in
            group.addTask { await feed() }
            let code = await connection.closed()
            group.cancelAll()
            return code
        }
        logger.info(
            "WebSocket closed",
            [
                .userID: .stringConvertible(identity.subject), .status: .stringConvertible(code.rawValue),
                .duration: .stringConvertible(ContinuousClock.now - started),
            ])
    }

    private func feed() async {
        do {
            try await watch.run(after: after) { last in
                try await send(.hello(userID: identity.subject, after: last))
            } deliver: { message in
                try await send(.notification(NotificationBody(message)))
            }
        } catch let error as ServiceError {
            logger.log(
                level: error.code == .unauthenticated ? .info : .error, "notifications cannot be watched",
                [.userID: .stringConvertible(identity.subject), .error: .string(String(describing: error))])
            if error.code == .unauthenticated {
                connection.close(.tokenExpired, "the access token is not accepted any more")
            } else {
                connection.close(.internalError, "something went wrong on our side")
            }
        } catch {
            // The session is over.
        }
    }

    private func send(_ frame: SessionFrame) async throws {
        try await connection.send(JSONText.encode(frame))
    }
}
