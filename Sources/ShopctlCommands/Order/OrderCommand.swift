import ArgumentParser
import FoundationEssentials
import GRPCCore
import Hosting
import ShopProtos
import Telemetry

/// `shopctl order`
struct OrderCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "order",
        abstract: "Place orders and look at them.",
        discussion: """
            'place' and 'show' talk gRPC to the role orders, at orders.address. They act by a token of their own, \
            short-lived and signed with the keys of auth.keys-file; or by the one in SHOPCTL_TOKEN or in the file that \
            SHOPCTL_TOKEN_FILE names. What is done by a token of their own stands in the audit trail as an operator's \
            deed. 'story' reads the databases, whether a server runs or not.

            EXAMPLES:
              shopctl order place --user 7 --item 1:2 --wait
              shopctl order show 42
              shopctl order story 42
            """,
        subcommands: [OrderPlace.self, OrderShow.self, OrderStory.self])

    /// Calls orders on somebody's behalf.
    struct Caller: Sendable {
        let configuration: ShopConfiguration
        let token: String

        /// - Parameters:
        ///   - user: Whom a token is made for if the environment has none.
        ///   - role: What that token allows.
        ///   - span: How long the calls may take, at most.
        init(
            _ configuration: ShopConfiguration, user: Int64, role: ShopRole, lasting span: Duration = .zero,
            _ context: CommandContext
        ) async throws {
            self.configuration = configuration
            if let given = try Self.givenToken(context) {
                token = given
            } else {
                token = try await configuration.makeTokenIssuer()
                    .issue(subject: user, role: role, actor: Identity.operatorActor, ttl: span + .seconds(300)).token
            }
        }

        func run<Result: Sendable>(
            _ body: (any Orders_Orders.ClientProtocol) async throws -> Result
        ) async throws -> Result {
            let peers = try Peers(configuration: configuration, local: [])
            return try await peers.withConnections {
                try await CallContext(requestID: UUID.random().uuidString.lowercased(), token: token).run {
                    try await body(peers.orders)
                }
            }
        }

        /// Never from an argument: every user of a host can read the command lines of all programs.
        private static func givenToken(_ context: CommandContext) throws -> String? {
            let token = context.environment["SHOPCTL_TOKEN"].flatMap { $0.isEmpty ? nil : $0 }
            guard let path = context.environment["SHOPCTL_TOKEN_FILE"], !path.isEmpty else { return token }
            guard token == nil else {
                throw CommandFailure(
                    .badConfiguration, "SHOPCTL_TOKEN and SHOPCTL_TOKEN_FILE are both set: unset one of them")
            }
            let text = String(decoding: try Descriptor.readFile(path, context), as: UTF8.self)
            return String(text.prefix { !$0.isNewline })
        }
    }
}

extension OrderCommand.Caller {
    /// A call's patience, where it is another than that of the settings.
    static func patience(_ duration: Duration) -> CallOptions {
        var options = CallOptions.defaults
        options.timeout = duration
        return options
    }
}
