import HTTPTypes
import Testing

@testable import Accounts
@testable import Gateway

@Suite("What is refused of an account, as the client is told")
struct AccountProblemTests {
    @Test("Each refusal has its status, its code, its words and its fields")
    func refusals() {
        let bearer = "Bearer realm=\"shop\""
        let cases: [(AccountError, Int, String, String, HTTPFields)] = [
            (.emailTaken, 409, "email_taken", "this e-mail address has an account", [:]),
            (
                .wrongCredentials, 401, "invalid_credentials", "the e-mail address or the password is wrong",
                [.wwwAuthenticate: bearer]
            ),
            (
                .wrongCurrentPassword, 401, "invalid_credentials", "the current password is wrong",
                [.wwwAuthenticate: bearer]
            ),
            (
                .tooManyAttempts(retryAfter: 16), 429, "too_many_attempts",
                "the password was wrong too often; try again after 16 s", [.retryAfter: "16"]
            ),
            (
                .tooManyAttempts(retryAfter: 0), 429, "too_many_attempts",
                "the password was wrong too often; try again after 1 s", [.retryAfter: "1"]
            ),
            (
                .invalidRefreshToken, 401, "invalid_refresh_token",
                "the refresh token is not valid (any more); sign in again", [.wwwAuthenticate: bearer]
            ),
            (
                .unknownUser, 401, "unknown_user", "there is no account of this token's user",
                [.wwwAuthenticate: "\(bearer), error=\"invalid_token\""]
            ),
            (
                .busy, 503, "busy", "too many passwords are being checked; try again", [.retryAfter: "1"]
            ),
        ]
        for (error, status, code, detail, headers) in cases {
            let problem = Problem(error as any Error)
            #expect(problem.status.code == status && problem.code == code && problem.detail == detail, "\(error)")
            #expect(problem.headers == headers && problem.errors.isEmpty, "\(error)")
        }
    }

    @Test("Fields are named as bodies name them, each with what it must be")
    func fields() {
        let problem = Problem(
            AccountError.invalid([
                AccountFault(.name, .length(1...100)), AccountFault(.name, .publicText("must not be so")),
                AccountFault(.email, .address), AccountFault(.password, .length(8...128)),
                AccountFault(.newPassword, .different),
            ]) as any Error)
        #expect(problem.status == .badRequest && problem.code == "invalid_field" && problem.headers.isEmpty)
        #expect(
            problem.errors == [
                .init(field: "name", detail: "must have 1 to 100 characters"),
                .init(field: "name", detail: "must not be so"),
                .init(field: "email", detail: "must be an e-mail address of at most 254 ASCII characters"),
                .init(field: "password", detail: "must have 8 to 128 characters"),
                .init(field: "new_password", detail: "must differ from the current one"),
            ])
        #expect(problem.detail.hasPrefix("name must have 1 to 100 characters; name must not be so; email must be"))
    }
}
