/// The reason why a password could not be hashed or checked. Never holds a password or a hash.
public enum PasswordError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Too many others wait already; trying again later may succeed.
    case busy
    /// The stored string is no scrypt hash as ``PasswordHasher`` writes it.
    case malformedHash(String)
    /// The work factors are out of the bounds that ``ScryptParameters`` allows.
    case unacceptableParameters(String)
    /// The system or libcrypto failed: memory or threads ran out.
    case systemFailed(String)

    public var description: String {
        switch self {
        case .busy: "too many passwords are being checked; try again"
        case .malformedHash(let reason): "the stored password hash cannot be read: \(reason)"
        case .unacceptableParameters(let reason): "scrypt parameters cannot be used: \(reason)"
        case .systemFailed(let reason): "a password could not be hashed: \(reason)"
        }
    }
}
