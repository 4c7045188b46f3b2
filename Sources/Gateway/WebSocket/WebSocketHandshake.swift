import Crypto
import FoundationEssentials
import HTTPTypes
import Hummingbird

/// A request to open a WebSocket, as far as it can be judged by itself (RFC 6455, section 4.2.1).
struct WebSocketHandshake: Equatable {
    /// What is spoken on it.
    static let subprotocol = "shop.notifications.v1"
    /// Before a token among the subprotocols: the one place where browsers let a page put it.
    private static let tokenPrefix = "bearer."
    private static let version = "13"

    let key: String
    let token: String
    /// Whether the client has offered ``subprotocol``.
    let offersSubprotocol: Bool
    /// The last notification that the client has; nil for those to come.
    let after: Int64?

    /// Throws a ``Problem`` that says what is wrong, and never what the token is.
    init(_ request: Request, origins: OriginPolicy) throws(Problem) {
        self.key = try Self.key(request)
        var parameters = QueryParameters(request)
        guard !parameters.hasAny(of: "token", "access_token") else { throw Self.tokenInURL }
        guard Self.isAllowed(request, by: origins) else { throw Self.originNotAllowed }
        self.after = parameters.integer("after", 0 ... .max)
        try parameters.finish()
        let offers = Self.offers(request.headers)
        self.offersSubprotocol = offers.contains(Self.subprotocol)
        self.token = try Self.token(request.headers, offers)
    }

    /// The fields of the answer that accepts it.
    var acceptance: HTTPFields {
        let digest = Insecure.SHA1.hash(data: Data((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
        var fields: HTTPFields = [
            .connection: "upgrade", .upgrade: "websocket", .secWebSocketAccept: Data(digest).base64EncodedString(),
        ]
        if offersSubprotocol { fields[.secWebSocketProtocol] = Self.subprotocol }
        return fields
    }

    // MARK: - Steps

    private static func key(_ request: Request) throws(Problem) -> String {
        let headers = request.headers
        guard request.method == .get, headers.hasToken("websocket", .upgrade), headers.hasToken("upgrade", .connection)
        else {
            throw upgradeRequired("this opens a WebSocket; ask for the upgrade")
        }
        guard headers[.secWebSocketVersion] == version else {
            throw upgradeRequired("the version of WebSocket must be \(version)")
        }
        guard headers[.transferEncoding] == nil, ["0", nil].contains(headers[.contentLength]) else {
            throw .invalidField("the body", "must be empty")
        }
        guard let key = headers[.secWebSocketKey], Data(base64Encoded: key)?.count == 16 else {
            throw .invalidField("Sec-WebSocket-Key", "must be 16 bytes in Base64")
        }
        return key
    }

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

    private static func offers(_ headers: HTTPFields) -> [String] {
        headers[values: .secWebSocketProtocol]
            .flatMap { $0.split(separator: ",") }
            .map { String($0.trimmingHTTPWhitespace()) }
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

    private static func upgradeRequired(_ detail: String) -> Problem {
        Problem(
            status: .upgradeRequired, code: "upgrade_required", detail: detail,
            headers: [.upgrade: "websocket", .connection: "upgrade", .secWebSocketVersion: version])
    }

    private static let tokenInURL = Problem(
        status: .badRequest, code: "token_in_url",
        detail: "URLs are logged: send the token as Authorization: Bearer, or, from a browser, as a subprotocol: "
            + "new WebSocket(url, [\"\(subprotocol)\", \"\(tokenPrefix)\" + token])")

    private static let originNotAllowed = Problem(
        status: .forbidden, code: "origin_not_allowed",
        detail: "pages of this origin may not open a WebSocket here; the operator can allow it (gateway.cors-origins)")
}

extension HTTPFields {
    /// Whether a field that lists tokens has this one, which is given in lower case.
    func hasToken(_ token: String, _ name: HTTPField.Name) -> Bool {
        self[values: name].contains { value in
            value.split(separator: ",").contains { $0.trimmingHTTPWhitespace().lowercased() == token }
        }
    }
}
