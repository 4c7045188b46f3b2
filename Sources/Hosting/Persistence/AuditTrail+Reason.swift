extension AuditTrail {
    /// The longest reason, in characters.
    public static let reasonLimit = 500

    /// The reason for a deed, as the trail keeps it; nil for none.
    ///
    /// - Parameter text: Empty for none.
    /// - Throws: ``ServiceError`` `invalid_reason` for a text that no trail should hold.
    public static func reason(_ text: String) throws(ServiceError) -> String? {
        guard !text.isEmpty else { return nil }
        guard text.unicodeScalars.count <= reasonLimit else {
            throw .invalidArgument("invalid_reason", "reason must have at most \(reasonLimit) characters")
        }
        try PublicText.check(text, "reason", reason: "invalid_reason")
        return text
    }
}
