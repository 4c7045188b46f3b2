import HTTPTypes
import Hummingbird
import WebSockets

/// A request to open a WebSocket for a user's notifications.
struct NotificationHandshake: Equatable {
    /// The protocol that is spoken on it.
    static let subprotocol = "shop.notifications.v1"
    /// Before a token among the subprotocols: the one place where browsers let a page put it.
    private static let tokenPrefix = "bearer."

    let token: String
    /// The last notification that the client has; nil for those to come.
    let after: Int64?
    private let webSocket: WebSocketHandshake

    /// Throws a ``Problem`` that says what is wrong, and never what the token is.
    init(_ request: Request, origins: OriginPolicy) throws(Problem) {
        do throws(WebSocketHandshake.Refusal) {
            self.webSocket = try WebSocketHandshake(request.head)
        } catch {
            throw Problem(error)
        }
        var parameters = QueryParameters(request)
        guard !parameters.hasAny(of: "token", "access_token") else { throw Self.tokenInURL }
        guard Self.isAllowed(request, by: origins) else { throw Self.originNotAllowed }
        self.after = parameters.integer("after", 0 ... .max)
        try parameters.finish()
        self.token = try Self.token(request.headers, webSocket.subprotocols)
    }

    /// The fields of the answer that accepts it.
    var acceptance: HTTPFields {
        webSocket.acceptance(
            subprotocol: webSocket.subprotocols.contains(Self.subprotocol) ? Self.subprotocol : nil)
    }

    // MARK: - Steps

    /// Programs name no origin; browsers always do. The gateway's own is the one in the address it is called by.
    private static func isAllowed(_ request: Request, by policy: OriginPolicy) -> Bool {
        let origins = request.headers[values: .origin]
        guard let origin = origins.first else { return true }
        guard origins.count == 1 else { return false }
        if policy.allows(origin) { return true }
        let parts = origin.lowercased().split(separator: "://", maxSplits: 1)
        guard parts.count == 2, let host = request.head.authority?.lowercased() else { return false }
        let usualPort = parts[0] == "https" ? ":443" : ":80"
        func named(_ authority: some StringProtocol) -> String {
            authority.hasSuffix(usualPort) ? String(authority.dropLast(usualPort.count)) : String(authority)
        }
        return named(parts[1]) == named(host)
    }

    private static func token(_ headers: HTTPFields, _ offers: [String]) throws(Problem) -> String {
        let tokens = offers.filter { $0.hasPrefix(tokenPrefix) }
        if tokens.isEmpty {
            guard offers.isEmpty || offers.contains(subprotocol) else {
                throw .invalidField("Sec-WebSocket-Protocol", "must be absent or offer \(subprotocol)")
            }
            return try Authenticator.bearerToken(headers)
        }
        guard tokens.count == 1, headers[.authorization] == nil else {
            throw .unauthenticated("token_malformed", "the token must be given once", challenge: "invalid_request")
        }
        // A browser takes the answer only if one of its offers is chosen, and the token must not come back.
        guard offers.contains(subprotocol) else {
            throw .invalidField("Sec-WebSocket-Protocol", "must offer \(subprotocol) besides the token")
        }
        return String(tokens[0].dropFirst(tokenPrefix.count))
    }

    private static let tokenInURL = Problem(
        status: .badRequest, code: "token_in_url",
        detail: "URLs are logged: send the token as Authorization: Bearer, or, from a browser, as a subprotocol: "
            + "new WebSocket(url, [\"\(subprotocol)\", \"\(tokenPrefix)\" + token])")

    private static let originNotAllowed = Problem(
        status: .forbidden, code: "origin_not_allowed",
        detail: "pages of this origin may not open a WebSocket here; the operator can allow it (gateway.cors-origins)")
}

extension Problem {
    /// A request that opens no WebSocket (426 `upgrade_required`, 400 `invalid_field`).
    init(_ refusal: WebSocketHandshake.Refusal) {
        switch refusal {
        case .noUpgrade: self = .upgradeRequired("this opens a WebSocket; ask for the upgrade")
        case .version: self = .upgradeRequired("the version of WebSocket must be \(WebSocketHandshake.version)")
        case .body: self = .invalidField("the body", "must be empty")
        case .key: self = .invalidField("Sec-WebSocket-Key", "must be 16 bytes in Base64")
        }
    }

    private static func upgradeRequired(_ detail: String) -> Problem {
        Problem(
            status: .upgradeRequired, code: "upgrade_required", detail: detail,
            headers: [
                .upgrade: "websocket", .connection: "upgrade", .secWebSocketVersion: WebSocketHandshake.version,
            ])
    }
}
