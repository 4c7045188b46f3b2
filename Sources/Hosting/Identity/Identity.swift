public import FoundationEssentials

/// The rights of a caller in the shop.
public enum ShopRole: String, Sendable, Codable, CaseIterable {
    /// Buys and sells on their own account.
    case customer
    /// Runs the shop: may act on anyone's things.
    case admin
    /// A program of the shop's own.
    case service
}

/// A caller, as vouched for by a verified access token.
public struct Identity: Sendable, Hashable {
    /// The user's id.
    public var subject: Int64
    public var role: ShopRole
    public var scopes: Set<String>
    /// The token's own id (`jti`).
    public var tokenID: String
    /// The one who acts as the subject, when it is somebody else: ``operatorActor``.
    public var actor: String?
    /// The time when the token ends.
    public var expiresAt: Date

    /// Creates an identity; only a verifier of tokens and tests have a reason to.
    public init(
        subject: Int64, role: ShopRole, scopes: Set<String> = [], tokenID: String, actor: String? = nil,
        expiresAt: Date
    ) {
        self.subject = subject
        self.role = role
        self.scopes = scopes
        self.tokenID = tokenID
        self.actor = actor
        self.expiresAt = expiresAt
    }
}

extension Identity {
    /// Longer than any session; a token may name a time that no clock can count to.
    private static let longestLifetime: Double = 366 * 86_400

    /// The time the token is still good for: not less than nothing, and a year at most.
    public func lifetime(now: Date = Date()) -> Duration {
        .milliseconds(Int64(min(max(0, expiresAt.timeIntervalSince(now)), Self.longestLifetime) * 1000))
    }

    /// The ``actor`` of what an operator does for a user by a command.
    public static let operatorActor = "operator"

    /// The caller of the running task; `nil` if the call came without a token.
    public static var current: Identity? { CallContext.current?.identity }

    /// The caller's bearer token, to be forwarded to other services.
    public static var currentToken: String? { CallContext.current?.token }

    /// The caller of the running task.
    ///
    /// - Throws: ``ServiceError/Code/unauthenticated`` if the call came without a token.
    public static func required() throws(ServiceError) -> Identity {
        guard let identity = current else {
            throw .unauthenticated("token_required", "this needs an access token")
        }
        return identity
    }

    /// The owner of a token that has come within the running call, beside the caller's own.
    ///
    /// - Throws: ``ServiceError/Code/unauthenticated`` if the token is not accepted.
    public static func verify(_ token: String) async throws(ServiceError) -> Identity {
        guard let verifier = CallContext.current?.verifier else {
            throw .unauthenticated("token_required", "nobody here can tell whose the token is")
        }
        do {
            return try await verifier.verify(token)
        } catch {
            throw error.serviceError
        }
    }

    /// Passes if the thing of that user is the caller's own, or the caller is an admin.
    ///
    /// - Throws: ``ServiceError/Code/permissionDenied`` otherwise.
    public func requireOwner(of userID: Int64) throws(ServiceError) {
        guard subject == userID || role == .admin else {
            throw .permissionDenied("not_owner", "this belongs to another user")
        }
    }

    /// Passes if the caller has one of the roles.
    ///
    /// - Throws: ``ServiceError/Code/permissionDenied`` otherwise.
    public func require(anyOf roles: ShopRole...) throws(ServiceError) {
        guard roles.contains(role) else {
            let wanted = roles.map(\.rawValue).joined(separator: " or ")
            throw .permissionDenied("role_required", "this needs the role \(wanted)")
        }
    }
}

/// Runs the body as that caller: ``Identity/current`` and the token forwarded to other services are theirs.
public func withIdentity<Result>(
    _ identity: Identity?,
    token: String?,
    isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws -> Result
) async rethrows -> Result {
    var context = CallContext.current ?? CallContext()
    context.identity = identity
    context.token = token
    return try await CallContext.$current.withValue(context, operation: body, isolation: isolation)
}
