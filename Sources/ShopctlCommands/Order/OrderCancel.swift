import ArgumentParser
import Hosting
import ShopProtos
import SwiftProtobuf

extension OrderCommand {
    /// `shopctl order cancel`
    struct OrderCancel: ListingCommand {
        typealias Listing = Cancellations

        static let configuration = CommandConfiguration(
            commandName: "cancel",
            abstract: "Call orders off.",
            discussion: """
                By the rule that holds for their buyers: a pending order is rejected (cancelled_by_operator; it is \
                cancelled_by_user if its buyer does it) if its placement is not decided yet; of a confirmed one the \
                cancellation begins, which its saga settles, and may refuse if a seller has spent the money. The \
                reason is kept in the audit trail. --dry-run makes the same checks under the same locks, and keeps \
                nothing.

                Of several orders each is tried. Exit status 65: it cannot be called off; 3: some were, some not. With \
                --wait the outcome is awaited: 0 called off, 2 refused, so that the order stands, 75 not settled yet. \
                Without it 0 means that it was called off or that the cancellation has begun.

                EXAMPLES:
                  shopctl order cancel 1 --reason "asked by telephone" --dry-run
                  shopctl order cancel 1 --reason "asked by telephone" --wait
                  shopctl order cancel 1 2 3 --reason "recalled" -o jsonl
                """)

        @Argument(help: ArgumentHelp("The orders' ids.", valueName: "id"), completion: LiveNames.orders.completion)
        var order: [Int64]
        @OptionGroup var because: DeedReason
        @Flag(help: "Only check, and show what would become of each.")
        var dryRun = false
        @Option(
            defaultAsFlag: OptionalSpanArgument(argument: "30s"), parsing: .next,
            help: ArgumentHelp("Await the outcome, this long at most: 30, 90s, 5m.", valueName: "span"))
        var wait: OptionalSpanArgument?
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func validate() throws {
            guard order.allSatisfy({ $0 > 0 }) else { throw ValidationError("an order's id is more than zero") }
            guard Set(order).count == order.count else { throw ValidationError("an order is named twice") }
            try wait?.check("--wait", limit: 3600)
            guard wait == nil || !dryRun else {
                throw ValidationError("--dry-run begins nothing that could be awaited: leave --wait out")
            }
        }

        func run(_ context: CommandContext) async throws {
            let wait = wait?.span
            let caller = try await OperatorCaller(
                try settings.begin(context), user: 1, role: .admin, lasting: wait?.duration ?? .zero, context)
            let results = try await caller.run { orders in
                var results: [Cancellation] = []
                for id in order { results.append(await cancel(id, orders)) }
                guard let wait else { return results }
                let end = ContinuousClock.now + wait.duration
                for (index, result) in results.enumerated() {
                    guard let order = result.order else { continue }
                    (results[index].order, results[index].failure) = await OrderOutcome.wait(
                        for: order, until: end, orders)
                }
                return results
            }
            if results.count == 1, let error = results[0].error { throw error }
            let deed = results.filter { $0.order != nil }.map { "order \($0.id) is \($0.outcome.rawValue)" }
            try output.write(
                Cancellations(results: results), context, deed: dryRun ? nil : deed.joined(separator: ", "))
            if let failure = Cancellations.failure(results, waited: wait) { throw failure }
        }

        private func cancel(_ id: Int64, _ orders: any Orders_Orders.ClientProtocol) async -> Cancellation {
            do {
                let reply = try await orders.cancelOrder(
                    .with {
                        $0.id = id
                        $0.reason = because.reason
                        $0.dryRun = dryRun
                    }, options: OperatorCaller.usual)
                return Cancellation(id: id, isDryRun: dryRun, order: reply.order)
            } catch {
                return Cancellation(id: id, isDryRun: dryRun, error: Self.failure(error, order: id))
            }
        }

        private static func failure(_ error: any Error, order id: Int64) -> CommandFailure {
            let refusal = ServiceError(mapping: error)
            let object = "order \(id)"
            switch refusal.reason {
            case "order_not_found": return .orderMissing(id)
            case "order_not_cancellable":
                return CommandFailure(
                    .badData, refusal.message, hint: "shopctl order story \(id)", code: .orderNotCancellable,
                    object: object)
            case _ where refusal.leavesOutcomeOpen:
                return CommandFailure(
                    .tryAgain, "no answer came: it may have been called off or not", hint: "shopctl order show \(id)",
                    object: object)
            default:
                let diagnosis = Diagnosis(error)
                return CommandFailure(
                    diagnosis.status, diagnosis.message, hint: diagnosis.hint, code: diagnosis.code, object: object)
            }
        }
    }
}
