import Accounts
import HTTPTypes

extension Problem {
    /// Refusals that concern an account.
    init(_ error: AccountError) {
        self =
            switch error {
            case .invalid(let faults):
                .invalidFields(faults.map(FieldError.init))
            case .emailTaken:
                Problem(status: .conflict, code: "email_taken", detail: "this e-mail address has an account")
            case .wrongCredentials:
                .unauthenticated(
                    "invalid_credentials", "the e-mail address or the password is wrong", challenge: nil)
            case .wrongCurrentPassword:
                .unauthenticated("invalid_credentials", "the current password is wrong", challenge: nil)
            case .tooManyAttempts(let seconds):
                .tooManyAttempts(retryAfter: seconds)
            case .invalidRefreshToken:
                .unauthenticated(
                    "invalid_refresh_token", "the refresh token is not valid (any more); sign in again",
                    challenge: nil)
            case .unknownUser:
                .unauthenticated(
                    "unknown_user", "there is no account of this token's user", challenge: "invalid_token")
            case .busy:
                .unavailable("busy", "too many passwords are being checked; try again")
            }
    }
}

extension Problem.FieldError {
    /// A field of an account, by its name in bodies.
    init(_ fault: AccountFault) {
        let field =
            switch fault.field {
            case .name: "name"
            case .email: "email"
            case .password: "password"
            case .newPassword: "new_password"
            }
        let detail =
            switch fault.rule {
            case .length(let range): "must have \(range.lowerBound) to \(range.upperBound) characters"
            case .publicText(let fault): fault
            case .address: "must be an e-mail address of at most 254 ASCII characters"
            case .different: "must differ from the current one"
            }
        self.init(field: field, detail: detail)
    }
}
