public import GRPCCore

/// The role that a call went to, as its error tells the caller.
public enum CalledRole {
    private static let metadataKey = "shop-called-role"

    /// The same error with the role noted on it; nil for a role of this process.
    static func note(_ role: Role?, on error: RPCError) -> RPCError {
        guard let role else { return error }
        var error = error
        error.metadata.replaceOrAddString(role.rawValue, forKey: metadataKey)
        return error
    }

    /// The role that was called; nil if nothing has noted it.
    public static func of(_ error: RPCError) -> Role? {
        error.metadata[stringValues: metadataKey].first { _ in true }.flatMap { Role(rawValue: $0) }
    }

    /// The words for a role that nobody answers for at these addresses.
    static func missing(_ role: Role, at addresses: [HostPort]) -> String {
        let setting = Setting.address(of: role)
        let places = addresses.map(\.description).joined(separator: ", ")
        return "no connection to \(places), where \(setting.key) (\(setting.variable)) says that \(role.rawValue) is"
    }
}
