import ArgumentParser
import GRPCCore
import Hosting
import Telemetry

/// Calls of an operator's commands: by a token of their own, or the one that the environment has.
typealias OperatorCaller = OrderCommand.Caller

extension OperatorCaller {
    /// A call's patience with what looks or does little.
    static let usual = patience(.seconds(15))

    /// A caller who may act on everybody's things.
    static func admin(
        _ configuration: ShopConfiguration, lasting span: Duration = .zero, _ context: CommandContext
    ) async throws -> OperatorCaller {
        try await OperatorCaller(configuration, user: 1, role: .admin, lasting: span, context)
    }

    /// Calls any role. What a role refuses is told with the number and the next command of its kind.
    func calling<Result: Sendable>(_ body: (Peers) async throws -> Result) async throws -> Result {
        let peers = try Peers(configuration: configuration, local: [])
        return try await peers.withConnections {
            try await CallContext(requestID: RequestID.new(), token: token).run {
                do {
                    return try await body(peers)
                } catch let error as RPCError {
                    throw ShopRefusal.failure(ServiceError(error)) ?? error
                }
            }
        }
    }
}

/// The refusals of roles that have a number of their own.
enum ShopRefusal {
    /// Nil for one that is told as any other.
    static func failure(_ error: ServiceError) -> CommandFailure? {
        switch error.reason {
        case "product_not_found": failure(error, .productMissing, "shopctl product list")
        case "precondition_failed": failure(error, .productChanged, nil)
        case "product_reserved", "stock_too_low": failure(error, .productHeld, nil)
        case "category_not_found": failure(error, .categoryMissing, "shopctl category list")
        case "category_exists": failure(error, .categoryExists, "shopctl category list")
        case "category_in_use": failure(error, .categoryInUse, nil)
        case "review_not_found": failure(error, .reviewMissing, "shopctl review list")
        default: nil
        }
    }

    private static func failure(_ error: ServiceError, _ code: ErrorCode, _ hint: String?) -> CommandFailure {
        CommandFailure(Diagnosis.status(error.code), error.message, hint: hint, code: code)
    }
}

/// The reason of a deed, checked before anything is done.
enum ReasonText {
    static func check(_ reason: String?) throws {
        guard let reason else { return }
        guard reason.contains(where: { !$0.isWhitespace }), reason.unicodeScalars.count <= AuditTrail.reasonLimit else {
            throw ValidationError("--reason must say something, in \(AuditTrail.reasonLimit) characters at most")
        }
    }
}
