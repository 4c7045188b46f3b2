import Hosting

/// Whose things a request is about: never more than what the token allows.
enum Owner {
    /// The user a body names, or the caller when it names none. Throws a `ServiceError` (403) for somebody else's
    /// things, unless the caller is an admin.
    static func of(_ userID: Int64?) throws -> Int64 {
        let identity = try Identity.required()
        guard let userID else { return identity.subject }
        guard userID > 0 else { throw Problem.invalidField("user_id", "must be more than zero") }
        try identity.requireOwner(of: userID)
        return userID
    }
}

extension GatewayContext {
    /// The `user_id` of the path, once it is clear that the caller may act for it.
    func ownedUserID() throws -> Int64 {
        try Owner.of(try id("user_id"))
    }
}
