import ArgumentParser
import GRPCCore
import Hosting
import ShopProtos
import SwiftProtobuf

extension OrderCommand {
    /// `shopctl order show`
    struct OrderShow: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "Show an order.",
            discussion: """
                Acts as an admin, who may see any order; with --user as that user, who sees their own.

                EXAMPLES:
                  shopctl order show 1
                  shopctl order show 3 --user 3 -o json
                """)

        @Argument(help: ArgumentHelp("The order's id.", valueName: "id"), completion: LiveNames.orders.completion)
        var order: Int64
        @Option(help: ArgumentHelp("Act as this user.", valueName: "id"))
        var user: Int64?
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func validate() throws {
            guard order > 0 else { throw ValidationError("an order's id is more than zero") }
            guard user ?? 1 > 0 else { throw ValidationError("--user must be more than zero") }
        }

        func run(_ context: CommandContext) async throws {
            let caller = try await OperatorCaller(
                try settings.begin(context), user: user ?? 1, role: user == nil ? .admin : .customer, context)
            let reply = try await caller.run { orders in
                do {
                    return try await orders.getOrder(.with { $0.id = order }, options: OperatorCaller.usual)
                } catch let error as RPCError where ServiceError(error).reason == "order_not_found" {
                    throw CommandFailure.orderMissing(order)
                }
            }
            try output.write(OrderReport(order: reply.order), context)
        }
    }
}
