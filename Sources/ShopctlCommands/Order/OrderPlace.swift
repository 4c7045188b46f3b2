import ArgumentParser
import FoundationEssentials
import GRPCCore
import Hosting
import ShopContracts
import ShopProtos
import Telemetry
import SwiftProtobuf

extension OrderCommand {
    /// `shopctl order place`
    struct OrderPlace: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "place",
            abstract: "Place an order.",
            discussion: """
                The order is accepted at once and settled by its saga. With --wait the outcome is awaited, and told by \
                the exit status: 0 confirmed, 2 rejected or cancelled, 75 not settled yet. Without it 0 means accepted.

                If no answer comes, the order may have been placed: the exit status is 75 with --idempotency-key, where \
                the same command places it once at most, and 1 without; the key to repeat it with is told.

                With --dry-run the same checks are made, of keys and in the database too, and nothing is kept, though \
                the number of an order is used up: exit status 0 says that it would be accepted. What its saga will \
                decide cannot be foreseen; what stock, prices and balance would say now is told. The reason is \
                kept in the audit trail.

                Items of a file are a JSON list: [{"product_id": 1, "quantity": 2, "price": 1990}]. Prices are in \
                minor units; an order is rejected if a price it names is not the present one.

                EXAMPLES:
                  shopctl order place --user 3 --item 1:2 --dry-run
                  shopctl order place --user 3 --item 1:2 --reason "by telephone" --wait
                  shopctl order place --user 3 --item 1:2@9390 --item 5:1 \\
                    --idempotency-key cart-31 --wait=30
                  jq .items cart.json | shopctl order place --user 3 --file - -o json
                """)

        @Option(help: ArgumentHelp("Who buys.", valueName: "id"))
        var user: Int64
        @Option(
            help: ArgumentHelp(
                "A product, how many, and perhaps its price; may be repeated.", valueName: "id:quantity[@price]"))
        var item: [OrderItem] = []
        @Option(help: ArgumentHelp("A file of items; - for standard input.", valueName: "file"), completion: .file())
        var file: String?
        @Option(
            defaultAsFlag: OptionalSpanArgument(argument: "30s"),
            // By the usual strategy a value is dropped, and any is taken, where another option follows.
            parsing: .next,
            help: ArgumentHelp("Await the outcome, this long at most: 30, 90s, 5m.", valueName: "span"))
        var wait: OptionalSpanArgument?
        @Option(help: ArgumentHelp("Place it once, however often this is run.", valueName: "key"))
        var idempotencyKey: String?
        @OptionGroup var deed: DeedOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func validate() throws {
            guard user > 0 else { throw ValidationError("--user must be more than zero") }
            guard item.isEmpty != (file == nil) else {
                throw ValidationError("name the items: either by --item or by --file")
            }
            try wait?.check("--wait", limit: 3600)
            guard wait == nil || !deed.dryRun else {
                throw ValidationError("--dry-run begins nothing that could be awaited: leave --wait out")
            }
            guard idempotencyKey != "" else { throw ValidationError("--idempotency-key must not be empty") }
        }

        func run(_ context: CommandContext) async throws {
            let wait = wait?.span
            let items =
                if let file {
                    try OrderItem.parse(
                        json: try Descriptor.readFile(file, context), source: file == "-" ? "standard input" : file)
                } else { item }
            let caller = try await OperatorCaller(
                try settings.begin(context), user: user, role: .customer, lasting: wait?.duration ?? .zero, context)
            await NamedUser(id: user, configuration: caller.configuration).warnIfUnknown(context)
            if deed.dryRun { return try output.write(try await rehearse(items, caller, context), context) }
            let (report, failure) = try await caller.run { orders -> (OrderReport, String?) in
                let reply = try await place(items, orders)
                guard let wait else { return (OrderReport(order: reply.order, isReplayed: reply.replayed), nil) }
                // From here the order is there, whatever becomes of the waiting.
                let (order, failure) = await OrderOutcome.wait(for: reply.order, until: .now + wait.duration, orders)
                return (OrderReport(order: order, isReplayed: reply.replayed), failure)
            }
            try output.write(
                report, context, deed: "order \(report.order.id) is placed; its state is \(report.order.state)")
            guard let wait else { return }
            switch OrderState(rawValue: report.order.state) {
            case .confirmed: return
            case .rejected, .cancelled: throw CommandFailure(.no)
            case .pending, .cancelling, nil:
                let hint = "shopctl saga inspect \(report.order.id)"
                if let failure {
                    throw CommandFailure(
                        .tryAgain,
                        "order \(report.order.id) is accepted, but its outcome cannot be awaited: \(failure)",
                        hint: hint)
                }
                throw CommandFailure(
                    .tryAgain, "the order is still \(report.order.state) after \(wait.seconds) s", hint: hint)
            }
        }

        private func rehearse(
            _ items: [OrderItem], _ caller: OperatorCaller, _ context: CommandContext
        ) async throws -> OrderReport {
            let reply = try await caller.run { orders in
                try await orders.checkPlaceOrder(
                    request(items, key: idempotencyKey ?? ""), options: OperatorCaller.usual)
            }
            var report = OrderReport(order: reply.order, isReplayed: reply.replayed, isDryRun: true)
            if reply.replayed { return report }
            do {
                report.foreseen = try await caller.calling { try await ForeseenRefusal.all(of: reply.order, $0) }
            } catch {
                let cause = Diagnosis(error).message ?? "nobody answers"
                context.warn("what stock and balance would say could not be asked: \(cause)")
            }
            return report
        }

        private func request(_ items: [OrderItem], key: String) -> Orders_PlaceOrderRequest {
            .with {
                $0.userID = user
                $0.items = items.map(\.message)
                $0.idempotencyKey = key
                $0.reason = deed.reason ?? ""
            }
        }

        /// Places it under a key, the caller's or one made for this run: so it can be repeated even when nobody knows
        /// whether it was placed.
        private func place(
            _ items: [OrderItem], _ orders: any Orders_Orders.ClientProtocol
        ) async throws -> Orders_PlaceOrderResponse {
            let key = idempotencyKey ?? UUID.random().uuidString.lowercased()
            do {
                return try await orders.placeOrder(request(items, key: key), options: OperatorCaller.usual)
            } catch {
                guard ServiceError(mapping: error).leavesOutcomeOpen else { throw error }
                // Without a key of the caller's, running the same line again would buy twice: no status that invites to it.
                throw CommandFailure(
                    idempotencyKey == nil ? .failure : .tryAgain,
                    "no answer came: the order may have been placed or not",
                    hint: "the same command with --idempotency-key \(key), which places it once at most")
            }
        }
    }
}
