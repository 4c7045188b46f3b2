extension AuditTrail {
    /// The longest reason, in characters.
    public static let reasonLimit = 500

    /// An action with the reason for it, as the trail keeps them: `product.delete: sold by mistake`.
    ///
    /// - Parameter reason: Empty for none.
    /// - Throws: ``ServiceError`` `invalid_reason` for a text that no trail should hold.
    public static func action(_ name: String, because reason: String) throws(ServiceError) -> String {
        guard !reason.isEmpty else { return name }
        guard reason.unicodeScalars.count <= reasonLimit else {
            throw .invalidArgument("invalid_reason", "reason must have at most \(reasonLimit) characters")
        }
        try PublicText.check(reason, "reason", reason: "invalid_reason")
        return "\(name): \(reason)"
    }
}
