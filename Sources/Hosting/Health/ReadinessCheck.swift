/// Something that must work for a role to take requests, such as its database.
public struct ReadinessCheck: Sendable {
    /// A short name for reports, such as `products.database`.
    public let name: String
    /// Whether the role is not ready while this fails. A failing check that is not required is only reported.
    public var isRequired: Bool { requirement() }
    /// Returns if it works, throws if it does not. Given up on after a short while.
    public let check: @Sendable () async throws -> Void

    private let requirement: @Sendable () -> Bool

    /// Creates a check.
    public init(_ name: String, isRequired: Bool = true, check: @escaping @Sendable () async throws -> Void) {
        self.init(name, while: { isRequired }, check: check)
    }

    /// Creates a check that is required at times; asked after each time it was made.
    init(
        _ name: String, while requirement: @escaping @Sendable () -> Bool,
        check: @escaping @Sendable () async throws -> Void
    ) {
        self.name = name
        self.requirement = requirement
        self.check = check
    }
}
