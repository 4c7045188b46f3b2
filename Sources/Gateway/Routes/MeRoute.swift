import Accounts
import FoundationEssentials
import Hosting
import Hummingbird
import ShopContracts

/// The caller: `GET /api/me`.
struct MeRoute: Sendable {
    private struct Body: JSONWritable {
        let id: Int64
        let name: String
        let email: String
        let role: String
        /// RFC 3339, UTC.
        let createdAt: String

        init(_ profile: UserProfile) {
            self.id = profile.userID
            self.name = profile.name
            self.email = profile.email
            self.role = profile.role
            self.createdAt = profile.createdAt.rfc3339
        }

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.member("created_at", createdAt)
                json.member("email", email)
                json.member("id", id)
                json.member("name", name)
                json.member("role", role)
            }
        }
    }

    let accounts: UserAccounts

    func add(to table: inout RouteTable) {
        table.get("/api/me", .signedIn) { _, _ in
            .json(Body(try await accounts.profile(userID: try Identity.required().subject)))
        }
    }
}
