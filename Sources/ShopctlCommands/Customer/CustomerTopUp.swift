import ArgumentParser
import FoundationEssentials
import GRPCCore
import Hosting
import ShopContracts
import ShopProtos
import SwiftProtobuf
import Telemetry

extension CustomerCommand {
    /// `shopctl customer top-up`
    struct CustomerTopUp: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "top-up",
            abstract: "Bring money from outside onto a customer's balance.",
            discussion: """
                With --idempotency-key the same command books it once, however often it is run. If no answer comes, \
                it may have been booked: the exit status is 75 with a key and 1 without; the key to repeat it with is \
                told. The reason is kept in the audit trail. An id that nobody has an account of is warned of. \
                A dry run keeps nothing, but uses up a transaction's id.

                EXAMPLES:
                  shopctl customer top-up 3 --amount 10000 --reason "a refund by hand"
                  shopctl customer top-up 3 --amount 500 --idempotency-key gift-31 \\
                    --reason "a voucher"
                  shopctl customer top-up 3 --amount 500 --reason "a voucher" --dry-run
                """)

        @OptionGroup var id: CustomerID
        @Option(help: ArgumentHelp("In minor units: 500 books 5.00.", valueName: "amount"))
        var amount: Int64
        @OptionGroup var because: DeedReason
        @Option(help: ArgumentHelp("Book it once, however often this is run.", valueName: "key"))
        var idempotencyKey: String?
        @Flag(help: "Only make the checks, and show what would be.")
        var dryRun = false
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func validate() throws {
            guard amount > 0 else { throw ValidationError("--amount must be more than zero") }
            guard idempotencyKey != "" else { throw ValidationError("--idempotency-key must not be empty") }
        }

        func run(_ context: CommandContext) async throws {
            let caller = try await OperatorCaller.admin(try settings.begin(context), context)
            let key = idempotencyKey ?? UUID.random().uuidString.lowercased()
            let request = Cart_TopUpRequest.with {
                $0.userID = id.customer
                $0.amount = amount
                $0.idempotencyKey = key
                $0.reason = because.reason
            }
            await NamedUser(id: id.customer, configuration: caller.configuration).warnIfUnknown(context)
            let reply = try await caller.calling { peers in
                dryRun
                    ? try await peers.customers.checkTopUp(request, options: OperatorCaller.usual)
                    : try await book(request, peers.customers)
            }
            try output.write(
                TopUpReport(request: request, reply: reply, isDryRun: dryRun), context,
                deed: dryRun ? nil : "the balance of user \(id.customer) is \(reply.balance)")
        }

        private func book(
            _ request: Cart_TopUpRequest, _ customers: any Cart_Customers.ClientProtocol
        ) async throws -> Cart_TopUpResponse {
            do {
                return try await customers.topUp(request, options: OperatorCaller.usual)
            } catch {
                guard ServiceError(mapping: error).leavesOutcomeOpen else { throw error }
                // Without a key of the caller's, running the same line again would book twice.
                throw CommandFailure(
                    idempotencyKey == nil ? .failure : .tryAgain,
                    "no answer came: the money may have been booked or not",
                    hint: "the same command with --idempotency-key \(request.idempotencyKey), which books it once")
            }
        }
    }
}

/// Money that was brought onto a balance, or would be.
struct TopUpReport: Report {
    let request: Cart_TopUpRequest
    let reply: Cart_TopUpResponse
    let isDryRun: Bool

    var body: ReportBody {
        .one([
            "user_id": .integer(request.userID),
            "amount": .integer(request.amount),
            "balance": .integer(reply.balance),
            "currency": .text(reply.currency),
            "transaction_id": .optional(isDryRun && !reply.replayed ? nil : reply.transactionID),
            "idempotency_key": .text(request.idempotencyKey),
            "replayed": .bool(reply.replayed),
            "dry_run": .bool(isDryRun),
        ])
    }

    func table(_ style: TextStyle) -> String {
        let balance = style.bold(Money.text(reply.balance, reply.currency))
        let amount = Money.text(request.amount, reply.currency)
        if reply.replayed { return "it was booked before under this key; the balance was \(balance) then\n" }
        return isDryRun
            ? "nothing was booked; with \(amount) the balance of user \(request.userID) would be \(balance)\n"
            : "\(amount) booked; the balance of user \(request.userID) is \(balance)\n"
    }
}
