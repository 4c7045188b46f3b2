import ShopContracts
import ShopProtos

/// The result of calling one order off.
struct Cancellation: Sendable {
    enum Outcome: String, CaseIterable {
        /// Nothing is in the way.
        case wouldCancel = "would_cancel"
        /// Called off, for good.
        case cancelled
        /// Its saga has not decided yet.
        case cancelling
        /// Its saga was refused: the order stands.
        case refused
        /// It was not begun.
        case failed
    }

    let id: Int64
    let isDryRun: Bool
    /// As it stands, or would; nil if nothing was begun.
    var order: Orders_Order?
    /// The reason why nothing was begun.
    var error: CommandFailure?
    /// The reason why the outcome could not be awaited.
    var failure: String?

    var outcome: Outcome {
        guard let order else { return .failed }
        if isDryRun { return .wouldCancel }
        switch OrderState(rawValue: order.state) {
        case .rejected, .cancelled: return .cancelled
        case .confirmed: return .refused
        case .pending, .cancelling, nil: return .cancelling
        }
    }
}

/// The results of calling orders off, a line each.
struct Cancellations: ListReport {
    let results: [Cancellation]

    var schemaVersion: Int64 { 2 }
    var body: ReportBody { .many("orders", results.map(\.output)) }

    static var columns: [Table.Column] {
        [
            .right("ORDER", "id"), .left("OUTCOME"), .left("STATE"), .right("BUYER", "user_id"),
            .right("TOTAL", "price"), .left("CANCELLATION REASON", "cancellation_reason", vital: true),
            .left("ERROR", vital: true),
        ]
    }

    func table(_ style: TextStyle) -> String {
        var table = Table(columns)
        for result in results {
            let order = result.order
            table.add([
                .plain(String(result.id)), .styled(result.outcome.rawValue, result.outcome.emphasis),
                .plain(order?.state ?? "-"), .plain(order.map { String($0.userID) } ?? "-"),
                .plain(order.map { Money.text($0.price, $0.currency) } ?? "-"),
                .plain(result.refusal.map { "\($0.code): \($0.message)" } ?? ""),
                .plain(result.error.map { "\($0.code.name): \($0.message ?? "")" } ?? ""),
            ])
        }
        return table.text(style)
    }

    /// The failure that the exit status tells; nil if all went as asked.
    static func failure(_ results: [Cancellation], waited: SpanArgument?) -> CommandFailure? {
        let failed = results.compactMap(\.error)
        if let first = failed.first {
            let isAll = failed.count == results.count && failed.allSatisfy { $0.status == first.status }
            return CommandFailure(
                isAll ? first.status : .partial,
                "\(failed.count) of \(results.count) orders were not called off",
                code: isAll ? first.code : nil,
                causes: failed.map { "\($0.object ?? "an order"): \($0.message ?? "failed")" })
        }
        if results.contains(where: { $0.outcome == .refused }) { return CommandFailure(.no) }
        guard let waited, let open = results.first(where: { $0.outcome == .cancelling }) else { return nil }
        let why = open.failure.map { "cannot be awaited: \($0)" } ?? "is still open after \(waited)"
        return CommandFailure(
            .tryAgain, "the cancellation \(why)", hint: "shopctl saga inspect \(open.id)", object: "order \(open.id)")
    }
}

extension Cancellation.Outcome {
    fileprivate var emphasis: Emphasis {
        switch self {
        case .cancelled: .green
        case .wouldCancel: .none
        case .cancelling: .yellow
        case .refused, .failed: .red
        }
    }
}

extension Cancellation {
    /// The reason why its saga did not call it off; nil if it did, or may.
    fileprivate var refusal: (code: String, message: String)? {
        guard outcome == .refused, let order else { return nil }
        return (order.cancellationReason, order.cancellationReasonDetail)
    }

    fileprivate var output: OutputRecord {
        [
            "id": .integer(id),
            "outcome": .text(outcome.rawValue),
            "state": .optional(order?.state),
            "user_id": .optional(order?.userID),
            "price": .optional(order?.price),
            "currency": .optional(order?.currency),
            // The saga of a dry run was rolled back: there is none of that id.
            "cancellation_saga_id": .optional(
                order.flatMap { isDryRun || $0.cancellationSagaID.isEmpty ? nil : $0.cancellationSagaID }),
            "cancellation_reason": .optional(refusal?.code),
            "cancellation_reason_detail": .optional(refusal?.message),
            "error": .optional(
                error.map { error -> OutputRecord in
                    ["code": .text(error.code.name), "message": .text(error.message ?? "")]
                }),
        ]
    }
}
