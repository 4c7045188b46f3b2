import ArgumentParser
import GRPCCore
import Hosting
import ShopContracts
import ShopProtos
import SwiftProtobuf
import Telemetry

/// `shopctl order`
struct OrderCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "order",
        abstract: "Place orders, look at them, and call them off.",
        discussion: """
            'place', 'show' and 'cancel' talk gRPC to the role orders, at orders.address. They act by a token of their own, \
            short-lived and signed with the keys of auth.keys-file; or by the one in SHOPCTL_TOKEN or in the file that \
            SHOPCTL_TOKEN_FILE names. What is done by a token of their own stands in the audit trail as an operator's \
            deed. 'list', 'story' and 'watch' read the databases, whether a server runs or not.

            EXAMPLES:
              shopctl order list --buyer 7
              shopctl order place --user 7 --item 1:2 --wait
              shopctl order show 42
              shopctl order story 42
              shopctl order watch 42
              shopctl order cancel 42 --reason "asked by telephone" --wait
            """,
        subcommands: [
            OrderPlace.self, OrderList.self, OrderShow.self, OrderStory.self, OrderWatch.self, OrderCancel.self,
        ])

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
                try await CallContext(requestID: RequestID.new(), token: token).run {
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

    /// The order as soon as it is settled, or as it was last seen when the time is over or asking fails.
    static func outcome(
        of order: Orders_Order, until end: ContinuousClock.Instant, _ orders: any Orders_Orders.ClientProtocol
    ) async -> (order: Orders_Order, failure: String?) {
        var order = order
        while OrderState(rawValue: order.state)?.isUnderWay == true, ContinuousClock.now < end {
            // One call waits a minute at most.
            let left = min(end - ContinuousClock.now, .seconds(30))
            let milliseconds = left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000
            do {
                order = try await orders.awaitOrder(
                    .with {
                        $0.id = order.id
                        $0.timeoutMilliseconds = max(1, milliseconds)
                    }, options: patience(left + .seconds(5))
                ).order
            } catch {
                return (order, Diagnosis(error).message ?? "\(error)")
            }
        }
        return (order, nil)
    }
}
