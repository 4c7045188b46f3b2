/// Something that must work for a role to take requests, such as its database.
public struct ReadinessCheck: Sendable {
    /// A short name for reports, such as `products.database`.
    public let name: String
    /// Whether the role is not ready while this fails. A failing check that is not required is only reported.
    public let isRequired: Bool
    /// Returns if it works, throws if it does not. Given up on after a short while.
    public let check: @Sendable () async throws -> Void

    /// Creates a check.
    public init(_ name: String, isRequired: Bool = true, check: @escaping @Sendable () async throws -> Void) {
        self.name = name
        self.isRequired = isRequired
        self.check = check
    }
}
