import Hosting

/// Tells who may look at the console, and who may do something by it.
///
/// On a loopback address whoever is on the machine may look, as at the metrics, if the request names that address too: a
/// foreign page whose name leads here does not. Anywhere else looking needs an admin's access token, since orders are
/// personal. Deeds always do, come as JSON, and come from the page itself: a foreign page cannot send them.
struct ConsoleAccess: Sendable {
    private static let hint = "shopctl token issue --user 1 --role admin"

    let verifier: TokenVerifier

    /// Passes if the console's data may be read.
    ///
    /// - Throws: ``ConsoleRefusal``
    func checkReader(_ request: AdminRequest) async throws(ConsoleRefusal) {
        try Self.checkOrigin(request)
        let isHere = Self.isLoopback(request.listener.host) && Self.isLoopback(Self.name(request.headers["host"] ?? ""))
        // A token that is sent must hold all the same: it is not to be found out at a deed.
        if isHere, request.headers["authorization"] == nil { return }
        _ = try await admin(request)
    }

    /// Passes if an admin reads: letters have the bodies of messages, with what is in them of people.
    ///
    /// - Throws: ``ConsoleRefusal``
    func checkAdmin(_ request: AdminRequest) async throws(ConsoleRefusal) {
        try Self.checkOrigin(request)
        _ = try await admin(request)
    }

    /// The admin who does something.
    ///
    /// - Throws: ``ConsoleRefusal``
    func admin(doing request: AdminRequest) async throws(ConsoleRefusal) -> Identity {
        try Self.checkOrigin(request)
        let identity = try await admin(request)
        let type = request.headers["content-type"]?.prefix { $0 != ";" }.lowercased()
        guard type == "application/json" else { throw ConsoleRefusal(415, .usage, "a deed comes as application/json") }
        return identity
    }

    private func admin(_ request: AdminRequest) async throws(ConsoleRefusal) -> Identity {
        let words = (request.headers["authorization"] ?? "").split(separator: " ")
        guard words.count == 2, words[0].lowercased() == "bearer" else {
            throw ConsoleRefusal(401, .notAllowed, "this needs an admin's access token", hint: Self.hint)
        }
        let identity: Identity
        do {
            identity = try await verifier.verify(String(words[1]))
        } catch {
            throw ConsoleRefusal(401, .notAllowed, error.serviceError.message, hint: Self.hint)
        }
        guard identity.role == .admin else {
            throw ConsoleRefusal(403, .notAllowed, "this needs the role admin", hint: Self.hint)
        }
        return identity
    }

    /// Passes unless a browser says that another page than the console's asks.
    private static func checkOrigin(_ request: AdminRequest) throws(ConsoleRefusal) {
        let site = request.headers["sec-fetch-site"]
        let host = request.headers["host"]?.lowercased() ?? ""
        let origin = request.headers["origin"]?.lowercased()
        let isOwn = origin == nil || origin == "http://\(host)" || origin == "https://\(host)"
        guard isOwn, site == nil || site == "same-origin" || site == "none" else {
            throw ConsoleRefusal(403, .notAllowed, "only the console's own page may ask", hint: "open /console itself")
        }
    }

    /// The name in a Host header, without its port.
    private static func name(_ host: String) -> String { HostPort(host)?.host ?? HostPort(host + ":0")?.host ?? "" }

    private static func isLoopback(_ host: String) -> Bool {
        if host == "::1" || host.lowercased() == "localhost" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
