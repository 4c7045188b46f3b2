import Accounts
import ArgumentParser
import Hosting
import Postgres

/// `shopctl user`
struct UserCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user",
        abstract: "See who has an account, and say what they may do.",
        discussion: """
            Reads and changes the gateway's database directly: it works while every server of the shop is down.

            EXAMPLES:
              shopctl user list --email ann
              shopctl user set-role ann@shop.example admin
            """,
        subcommands: [UserList.self, UserSetRole.self])

    /// Lends the accounts.
    static func withDirectory<Result: Sendable>(
        _ configuration: ShopConfiguration, _ body: (UserDirectory) async throws -> Result
    ) async throws -> Result {
        let settings = try configuration.database(of: .gateway, among: [.gateway])
        let client = PostgresClient(configuration: settings, logger: .command("user"))
        return try await LocatedError.about("database of gateway") {
            do {
                let result = try await body(UserDirectory(database: client))
                await client.close()
                return result
            } catch {
                await client.close()
                throw error
            }
        }
    }
}

extension UserDirectory.User {
    /// The user as results show them.
    var output: OutputRecord {
        [
            "id": .integer(id),
            "name": .text(name),
            "email": .text(email),
            "role": .text(role),
            "created_at": Timestamp.value(createdAt),
        ]
    }
}
