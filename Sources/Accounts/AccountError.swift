/// The reason why something that is asked of an account is not done, for whoever has asked. Any other error is a
/// failure.
public enum AccountError: Error, Sendable, Equatable {
    /// Fields are not as they should be; there is at least one fault.
    case invalid([AccountFault])
    /// The e-mail address has an account.
    case emailTaken
    /// The e-mail address or its password is wrong; which of them is not told.
    case wrongCredentials
    /// The current password, which is shown to change it, is wrong.
    case wrongCurrentPassword
    /// The password was wrong too often; another attempt is taken after as many whole seconds.
    case tooManyAttempts(retryAfter: Int64)
    /// The refresh token is unknown, was used, has expired, or is of a session that has ended.
    case invalidRefreshToken
    /// There is no account of this id.
    case unknownUser
    /// More passwords wait to be hashed than may.
    case busy
}

/// One field that is not as it should be.
public struct AccountFault: Sendable, Equatable {
    /// The fields an account is opened or changed by.
    public enum Field: Sendable {
        case name, email, password, newPassword
    }

    /// The rule that a field must keep, and is not.
    public enum Rule: Sendable, Equatable {
        /// Of so many characters (Unicode scalars).
        case length(ClosedRange<Int>)
        /// Text that others can be shown; carries what is wrong as ``PublicText`` says it.
        case publicText(String)
        /// An e-mail address.
        case address
        /// Another one than the current one.
        case different
    }

    public let field: Field
    public let rule: Rule

    init(_ field: Field, _ rule: Rule) {
        self.field = field
        self.rule = rule
    }
}
