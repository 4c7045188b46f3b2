import Accounts
import Hosting
import ShopProtos
import SwiftProtobuf

/// A user whom a command names by id. The services know users by their tokens only; who has an account is in the
/// gateway's database.
struct NamedUser: Sendable {
    private enum Standing {
        case known
        case unknown
        case unasked(reason: String)
    }

    let id: Int64
    let configuration: ShopConfiguration

    /// Says that nobody has the account. It keeps nothing back: users may come from elsewhere.
    func warnIfUnknown(_ context: CommandContext) async {
        switch await standing() {
        case .known: return
        case .unknown: tellMissing(context)
        case .unasked(let reason): tellUnasked(reason, context)
        }
    }

    /// Says that nobody has the account, where the gateway's database is set and answers soon.
    func warnIfMissing(_ context: CommandContext) async {
        guard
            let settings = try? configuration.database(
                of: .gateway, among: [.gateway], connectTimeout: .seconds(1))
        else { return }
        try? await TimeLimit.run(SpanArgument(seconds: 2)) {
            let user = try await SagaSources.withClient(settings) { try await UserDirectory(database: $0).user(id) }
            if user == nil { tellMissing(context) }
        }
    }

    private func tellMissing(_ context: CommandContext) {
        context.warn("nobody has an account \(id); who has one: shopctl user list")
    }

    /// Passes if there is such an account, or anything of the user's at customers.
    ///
    /// - Throws: ``CommandFailure`` of what is not there.
    func require(_ caller: OperatorCaller, _ context: CommandContext) async throws {
        switch await standing() {
        case .known: return
        case .unasked(let reason): tellUnasked(reason, context)
        case .unknown:
            let isThere = try await caller.calling { peers in
                let statement = try await peers.customers.listStatement(
                    .with {
                        $0.userID = id
                        $0.pageSize = 1
                    }, options: OperatorCaller.usual)
                if statement.total > 0 { return true }
                let cart = try await peers.customers.getCart(.with { $0.userID = id }, options: OperatorCaller.usual)
                return !cart.lines.isEmpty
            }
            guard isThere else {
                throw CommandFailure(
                    .notFound, "nobody has an account \(id), and there is neither money nor a cart",
                    hint: "shopctl user list", code: .userMissing, object: "user \(id)")
            }
        }
    }

    private func standing() async -> Standing {
        do {
            let user = try await UserCommand.withDirectory(configuration) { try await $0.user(id) }
            return user == nil ? .unknown : .known
        } catch {
            return .unasked(reason: Diagnosis(error).message ?? "no answer")
        }
    }

    private func tellUnasked(_ reason: String, _ context: CommandContext) {
        context.note("whether there is an account \(id) could not be asked: \(reason)")
    }
}
