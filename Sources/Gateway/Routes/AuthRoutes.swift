import Accounts
import HTTPTypes
import Hosting
import Hummingbird
import Throttling

/// Accounts: `POST /auth/signup`, `/auth/signin`, `/auth/refresh`, `/auth/signout`, `/auth/password`.
struct AuthRoutes: Sendable {
    private struct SignUp: JSONReadable {
        static let members = ["name", "email", "password"]

        let name: String
        let email: String
        let password: String

        init(_ json: JSONObject) throws(Problem) {
            self.name = try json.string("name")
            self.email = try json.string("email")
            self.password = try json.string("password")
        }
    }

    private struct SignIn: JSONReadable {
        static let members = ["email", "password"]

        let email: String
        let password: String

        init(_ json: JSONObject) throws(Problem) {
            self.email = try json.string("email")
            self.password = try json.string("password")
        }
    }

    private struct Refresh: JSONReadable {
        static let members = ["refresh_token"]

        let refreshToken: String

        init(_ json: JSONObject) throws(Problem) {
            self.refreshToken = try json.string("refresh_token")
        }
    }

    private struct PasswordChange: JSONReadable {
        static let members = ["current_password", "new_password"]

        let current: String
        let new: String

        init(_ json: JSONObject) throws(Problem) {
            self.current = try json.string("current_password")
            self.new = try json.string("new_password")
        }
    }

    private struct Tokens: JSONWritable {
        let accessToken: String
        let tokenType = "Bearer"
        let expiresIn: Int64
        let refreshToken: String

        init(_ session: UserAccounts.Session) {
            self.accessToken = session.accessToken
            self.expiresIn = session.expiresIn
            self.refreshToken = session.refreshToken
        }

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.member("access_token", accessToken)
                json.member("expires_in", expiresIn)
                json.member("refresh_token", refreshToken)
                json.member("token_type", tokenType)
            }
        }
    }

    let accounts: UserAccounts

    func add(to table: inout RouteTable) {
        table.post("/auth/signup", .everyone) { request, _ in
            let body = try await JSONBody.read(SignUp.self, from: request)
            let id = try await accounts.signUp(name: body.name, email: body.email, password: body.password)
            return .json(CreatedBody(id: id))
        }
        table.post("/auth/signin", .everyone) { request, context in
            let body = try await JSONBody.read(SignIn.self, from: request)
            return .json(
                Tokens(
                    try await accounts.signIn(
                        email: body.email, password: body.password, from: .networks(of: context.clientAddress))))
        }
        table.post("/auth/refresh", .everyone) { request, _ in
            let body = try await JSONBody.read(Refresh.self, from: request)
            return .json(Tokens(try await accounts.refresh(body.refreshToken)))
        }
        table.post("/auth/signout", .everyone) { request, _ in
            let body = try await JSONBody.read(Refresh.self, from: request)
            try await accounts.signOut(body.refreshToken)
            return Response(status: .noContent)
        }
        // One's own only: nobody else knows the current password.
        table.post("/auth/password", .signedIn) { request, context in
            let body = try await JSONBody.read(PasswordChange.self, from: request)
            let caller = try Identity.required()
            try await accounts.changePassword(
                userID: caller.subject, current: body.current, new: body.new,
                from: .session(caller, at: context.clientAddress))
            return Response(status: .noContent)
        }
    }
}
