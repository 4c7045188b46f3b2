import GRPCCore
import Hosting
import ShopProtos
import Telemetry

/// Calls of an operator's commands: by a token of their own, or the one that the environment has.
struct OperatorCaller: Sendable {
    /// A call's patience with what looks or does little.
    static let usual = patience(.seconds(15))

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

    /// A caller who may act on everybody's things.
    static func admin(
        _ configuration: ShopConfiguration, lasting span: Duration = .zero, _ context: CommandContext
    ) async throws -> OperatorCaller {
        try await OperatorCaller(configuration, user: 1, role: .admin, lasting: span, context)
    }

    /// A call's patience, where it is another than that of the settings.
    static func patience(_ duration: Duration) -> CallOptions {
        var options = CallOptions.defaults
        options.timeout = duration
        return options
    }

    /// Calls orders. What it refuses is told by the command itself.
    func run<Result: Sendable>(
        _ body: (any Orders_Orders.ClientProtocol) async throws -> Result
    ) async throws -> Result {
        try await connected { try await body($0.orders) }
    }

    /// Calls any role. What a role refuses is told with the number and the next command of its kind.
    ///
    /// - Parameter look: The command that shows what stands in the way of a change.
    func calling<Result: Sendable>(
        look: String? = nil, _ body: (Peers) async throws -> Result
    ) async throws -> Result {
        try await connected { peers in
            do {
                return try await body(peers)
            } catch let error as RPCError {
                throw ShopRefusal.failure(ServiceError(error), look: look) ?? error
            }
        }
    }

    private func connected<Result: Sendable>(_ body: (Peers) async throws -> Result) async throws -> Result {
        let peers = try Peers(configuration: configuration, local: [])
        return try await peers.withConnections {
            try await CallContext(requestID: RequestID.new(), token: token).run {
                try await body(peers)
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

/// The refusals of roles that have a number of their own.
enum ShopRefusal {
    /// Nil for one that is told as any other.
    ///
    /// - Parameter look: The command that shows what stands in the way of a change.
    static func failure(_ error: ServiceError, look: String? = nil) -> CommandFailure? {
        switch error.reason {
        case "order_not_found": failure(error, .orderMissing, "shopctl order list")
        case "product_not_found": failure(error, .productMissing, "shopctl product list")
        case "precondition_failed": failure(error, .productChanged, look)
        case "product_reserved", "stock_too_low": failure(error, .productHeld, look)
        case "category_not_found": failure(error, .categoryMissing, "shopctl category list")
        case "category_exists": failure(error, .categoryExists, "shopctl category list")
        case "category_in_use": failure(error, .categoryInUse, look)
        case "review_not_found": failure(error, .reviewMissing, "shopctl review list")
        default: nil
        }
    }

    private static func failure(_ error: ServiceError, _ code: ErrorCode, _ hint: String?) -> CommandFailure {
        // One status for it, whether it is what was asked for or what a change names.
        let status = code == .categoryMissing ? .notFound : Diagnosis.status(error.code)
        return CommandFailure(status, error.message, hint: hint, code: code)
    }
}
