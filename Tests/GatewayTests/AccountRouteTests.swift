import Accounts
import HTTPTypes
import Hosting
import Testing
import Throttling

@testable import Gateway

/// The routes of accounts, on a real database.
@Suite("Accounts over HTTP")
struct AccountRouteTests {
    private let email = "ann@shop.example"

    @Test("Who signs in is told who they are")
    func me() async throws {
        try await AccountGateway.open { (gateway) async throws in
            let id = try await gateway.signUp("Ann@Shop.example")
            let tokens = try await gateway.session(email)
            let me = try await gateway.call(.get, "/api/me", token: tokens.access)
            #expect(me.status == 200)
            #expect(me.member("id") == String(id) && me.member("name") == "Ann")
            #expect(me.member("email") == "Ann@Shop.example" && me.member("role") == "customer")
            #expect(me.member("created_at")?.hasSuffix("Z") == true)
            #expect(me.headers[.cacheControl] == "no-store")
            #expect(!me.body.contains("password"))

            let nobody = try await gateway.issuer.issue(subject: id + 1, role: .customer, ttl: .seconds(60)).token
            let unknown = try await gateway.call(.get, "/api/me", token: nobody)
            #expect(unknown.status == 401 && unknown.code == "unknown_user")
        }
    }

    @Test("An account is opened once, with fields as they should be")
    func signUp() async throws {
        try await AccountGateway.open { (gateway) async throws in
            #expect(try await gateway.signUp(email) > 0)
            let taken = try await gateway.call(
                .post, "/auth/signup", ["name": "Ann", "email": email, "password": AccountGateway.password])
            #expect(taken.status == 409 && taken.code == "email_taken")
            let wrong = try await gateway.call(
                .post, "/auth/signup", headers: [.requestID: "mine"],
                ["name": "", "email": "no address", "password": "short"])
            #expect(wrong.status == 400 && wrong.headers[.contentType] == "application/problem+json")
            #expect(
                wrong.body
                    == #"{"code":"invalid_field","detail":"name must have 1 to 100 characters; email must be an e-mail "#
                    + #"address of at most 254 ASCII characters; password must have 8 to 128 characters","errors":["#
                    + #"{"detail":"must have 1 to 100 characters","field":"name"},{"detail":"must be an e-mail address "#
                    + #"of at most 254 ASCII characters","field":"email"},{"detail":"must have 8 to 128 characters","#
                    + #""field":"password"}],"request_id":"mine","status":400,"title":"Bad Request","#
                    + #""type":"about:blank"}"#)
        }
    }

    @Test("A session goes on by its refresh token, and ends by it")
    func session() async throws {
        try await AccountGateway.open { (gateway) async throws in
            _ = try await gateway.signUp(email)
            let signedIn = try await gateway.signIn(email)
            #expect(signedIn.status == 200 && signedIn.member("token_type") == "Bearer")
            #expect(signedIn.member("expires_in") == "900")
            let refreshed = try await gateway.refresh(signedIn.member("refresh_token"))
            let next = try #require(refreshed.member("refresh_token"))
            #expect(refreshed.status == 200 && next != signedIn.member("refresh_token"))
            let access = try #require(refreshed.member("access_token"))
            #expect(try await gateway.call(.get, "/api/me", token: access).status == 200)
            // The same of any token, known or not.
            for token in [next, "nonsense", ""] {
                let answer = try await gateway.call(.post, "/auth/signout", ["refresh_token": token])
                #expect(answer.status == 204 && answer.body.isEmpty)
            }
            let ended = try await gateway.refresh(next)
            #expect(ended.status == 401 && ended.code == "invalid_refresh_token")
            #expect(ended.headers[.wwwAuthenticate] == #"Bearer realm="shop""#)
            #expect(try await gateway.call(.post, "/auth/signout", ["token": next]).code == "invalid_field")
        }
    }

    @Test("A password is changed by who knows the current one")
    func passwordChange() async throws {
        try await AccountGateway.open { (gateway) async throws in
            _ = try await gateway.signUp(email)
            let token = try await gateway.session(email).access
            func change(_ current: String, _ new: String) async throws -> AccountGateway.Answer {
                try await gateway.call(
                    .post, "/auth/password", token: token, ["current_password": current, "new_password": new])
            }
            #expect(try await gateway.call(.post, "/auth/password").code == "token_required")
            let wrong = try await change("wrong horse", "battery staple")
            #expect(wrong.status == 401 && wrong.code == "invalid_credentials")
            for new in ["short", AccountGateway.password] {
                let refused = try await change(AccountGateway.password, new)
                #expect(refused.status == 400 && refused.body.contains("new_password"))
            }
            let changed = try await change(AccountGateway.password, "battery staple")
            #expect(changed.status == 204 && changed.body.isEmpty)
            #expect(try await gateway.signIn(email).code == "invalid_credentials")
            #expect(try await gateway.signIn(email, password: "battery staple").status == 200)
        }
    }

    @Test("Who guesses is told how long to wait, at a sign-in and at a change of the password")
    func guessing() async throws {
        try await AccountGateway.open({ $0.accounts.backoff.first = .seconds(500) }) { (gateway) async throws in
            _ = try await gateway.signUp(email)
            let token = try await gateway.session(email).access
            func guess() async throws -> [AccountGateway.Answer] {
                [
                    try await gateway.signIn(email, password: "wrong horse"),
                    try await gateway.call(
                        .post, "/auth/password", token: token,
                        ["current_password": "wrong horse", "new_password": "battery staple"]),
                ]
            }
            for _ in 0..<5 {
                for answer in try await guess() {
                    #expect(answer.status == 401 && answer.code == "invalid_credentials")
                }
            }
            for answer in try await guess() {
                #expect(answer.status == 429 && answer.code == "too_many_attempts")
                let seconds = try #require(answer.headers[.retryAfter].flatMap { Int($0) })
                #expect((1...500).contains(seconds))
            }
            // From elsewhere the owner gets in.
            #expect(try await gateway.signIn(email, from: "198.51.100.1").status == 200)
        }
    }
}
