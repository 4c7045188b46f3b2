/// A Lua script that Redis runs by its digest, and is sent whole only when the server does not know it.
public struct RedisScript: Sendable, Hashable {
    /// The script's text.
    public let source: String
    /// The SHA-1 of the text in lower-case hexadecimal: the name Redis gives the script.
    public let digest: String

    /// The script with this text.
    public init(_ source: String) {
        self.source = source
        self.digest = SHA1.hexadecimal(of: Array(source.utf8))
    }
}
