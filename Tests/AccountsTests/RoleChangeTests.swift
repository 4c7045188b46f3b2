import Hosting
import Testing

@testable import Accounts

@Suite("Roles are given by operators")
struct RoleChangeTests {
    private let email = "ann@shop.example"

    @Test("Another role ends all sessions, and the next token has it")
    func change() async throws {
        try await TestAccounts.open { (shop) async throws in
            let id = try await shop.signUp(email)
            let directory = UserDirectory(database: shop.database)
            let token = try await shop.signIn(email).refreshToken

            let before = try #require(try await directory.setRole(email: "ANN@shop.example", .admin))
            #expect(before.id == id && before.role == "customer")
            #expect(try await refusal { try await shop.refresh(token) } == .invalidRefreshToken)
            let session = try await shop.signIn(email)
            #expect(try await shop.identity(session.accessToken).role == .admin)
            #expect(try await shop.accounts.profile(userID: id).role == "admin")

            // Nothing is done to who has the role.
            #expect(try await directory.setRole(email: email, .admin)?.role == "admin")
            _ = try await shop.refresh(session.refreshToken)

            let noted = try await AuditTrail.entries(.init(userID: id), limit: 10, in: shop.database)
            #expect(noted.count == 1)
            #expect(noted.first?.action == "user.set_role.admin" && noted.first?.actorRole == "operator")
            #expect(noted.first?.subjectID == id && noted.first?.actorID == 0)
            #expect(try await AuditTrail.entries(.init(userID: id + 1), limit: 10, in: shop.database).isEmpty)
        }
    }

    @Test("There is nobody of that address")
    func unknown() async throws {
        try await TestAccounts.open { (shop) async throws in
            let directory = UserDirectory(database: shop.database)
            #expect(try await directory.setRole(email: "nobody@shop.example", .admin) == nil)
            #expect(try await directory.setRole(email: "nobody", .admin) == nil)
        }
    }

    @Test("Accounts are found by a part of their address")
    func list() async throws {
        try await TestAccounts.open { (shop) async throws in
            let directory = UserDirectory(database: shop.database)
            for name in ["ann", "bob", "cid%"] { _ = try await shop.signUp("\(name)@shop.example") }
            #expect(
                try await directory.list(.init(), limit: 2).map(\.email) == [
                    "cid%@shop.example", "bob@shop.example",
                ])
            #expect(try await directory.list(.init(emailPart: "BOB@"), limit: 9).map(\.email) == ["bob@shop.example"])
            #expect(try await directory.list(.init(emailPart: "%"), limit: 9).map(\.email) == ["cid%@shop.example"])
        }
    }
}
