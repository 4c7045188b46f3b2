/// The reason why something was decided against.
public struct EventReason: Codable, Sendable, Equatable {
    /// Stable, in snake_case.
    public var code: String
    /// One sentence for the customer.
    public var message: String

    public init(code: String, message: String) {
        self.code = code
        self.message = message
    }
}
