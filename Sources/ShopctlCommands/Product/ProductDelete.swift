import ArgumentParser
import GRPCCore
import Hosting
import ShopContracts
import ShopProtos
import SwiftProtobuf

extension ProductCommand {
    /// `shopctl product delete`
    struct ProductDelete: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "delete",
            abstract: "Begin to delete a product everywhere.",
            discussion: """
                It is off sale at once; its saga hides it from carts, favourites and reviews, and then deletes it. It \
                is refused while an unsettled order holds units of it. With --wait the outcome is awaited and told by \
                the exit status: 0 deleted, 2 kept (on sale again), 75 not settled yet. Without it 0 means begun.

                EXAMPLES:
                  shopctl product delete 2 --wait --reason "sold by mistake"
                  shopctl product delete 2 --if-version 3 --dry-run
                """)

        @OptionGroup var id: ProductID
        @Option(
            defaultAsFlag: OptionalSpanArgument(argument: "30s"), parsing: .next,
            help: ArgumentHelp("Await the outcome, this long at most: 30, 90s, 5m.", valueName: "span"))
        var wait: OptionalSpanArgument?
        @OptionGroup var deed: ProductDeed
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func validate() throws {
            try wait?.check("--wait", limit: 3600)
            guard wait == nil || !deed.dryRun else { throw ValidationError("a dry run has nothing to --wait for") }
        }

        func run(_ context: CommandContext) async throws {
            let span = wait?.span
            let caller = try await OperatorCaller.admin(
                try settings.begin(context), lasting: span?.duration ?? .zero, context)
            let request = Products_DeleteProductRequest.with {
                $0.id = id.product
                if let version = deed.ifVersion { $0.expectedVersion = version }
                $0.reason = deed.reason ?? ""
            }
            let report = try await caller.calling(look: "shopctl product show \(id.product)") { peers in
                guard !deed.dryRun else {
                    _ = try await peers.products.checkDeleteProduct(request, options: OperatorCaller.usual)
                    return DeletionReport(productID: id.product, sagaID: nil, isDryRun: true)
                }
                let saga = try await peers.products.deleteProduct(request, options: OperatorCaller.usual).sagaID
                var report = DeletionReport(productID: id.product, sagaID: saga, isDryRun: false)
                // From here it is begun, whatever becomes of the waiting.
                await report.follow(for: span?.duration, peers.products)
                return report
            }
            try output.write(
                report, context, deed: deed.dryRun ? nil : "product \(report.productID) is being deleted")
            if let span { try report.tellOutcome(after: span) }
        }
    }
}

/// A deletion that has begun, and what has come of it.
struct DeletionReport: Report {
    let productID: Int64
    let sagaID: String?
    let isDryRun: Bool
    private var state = ProductDeletionState.deleting
    private var reason = ""
    private var reasonDetail = ""
    /// The reason why the outcome cannot be awaited.
    private var failure: String?

    init(productID: Int64, sagaID: String?, isDryRun: Bool) {
        self.productID = productID
        self.sagaID = sagaID
        self.isDryRun = isDryRun
    }

    /// Asks until it is decided or the time is over.
    ///
    /// - Parameter span: Nil to ask nobody.
    mutating func follow(for span: Duration?, _ products: any Products_Products.ClientProtocol) async {
        guard let span, let sagaID else { return }
        let end = ContinuousClock.now + span
        repeat {
            do {
                let answer = try await products.getProductDeletion(
                    .with { $0.sagaID = sagaID }, options: OperatorCaller.usual)
                guard let now = ProductDeletionState(rawValue: answer.state) else {
                    failure = "its state is '\(answer.state)', which this version of shopctl does not know"
                    return
                }
                (state, reason, reasonDetail) = (now, answer.reason, answer.reasonDetail)
                if state != .deleting { return }
                try await Task.sleep(for: .milliseconds(200))
            } catch {
                failure = Diagnosis(error).message ?? "\(error)"
                return
            }
        } while ContinuousClock.now < end
    }

    /// Ends a command that has awaited the outcome with the status that tells it.
    func tellOutcome(after span: SpanArgument) throws {
        if state == .deleted { return }
        if state == .kept { throw CommandFailure(.no) }
        let hint = "shopctl saga inspect \(sagaID ?? "")"
        if let failure {
            throw CommandFailure(
                .tryAgain, "the deletion has begun, but its outcome cannot be awaited: \(failure)", hint: hint)
        }
        throw CommandFailure(.tryAgain, "the product is still being deleted after \(span.seconds) s", hint: hint)
    }

    var body: ReportBody {
        .one([
            "product_id": .integer(productID),
            "state": .optional(isDryRun ? nil : state.rawValue),
            "saga_id": .optional(sagaID),
            "reason": .optional(reason.isEmpty ? nil : reason),
            "reason_detail": .optional(reasonDetail.isEmpty ? nil : reasonDetail),
            "dry_run": .bool(isDryRun),
        ])
    }

    func table(_ style: TextStyle) -> String {
        let name = style.bold("product \(productID)")
        if isDryRun { return "\(name) could be deleted now; nothing was done\n" }
        switch state {
        case .deleted: return "\(name) \(style.apply(.green, "is deleted"))  saga \(sagaID ?? "")\n"
        case .kept:
            return "\(name) \(style.apply(.yellow, "is kept"))  \(reason): \(Printable.line(reasonDetail))\n"
        case .deleting: return "\(name) is off sale and being deleted  saga \(sagaID ?? "")\n"
        }
    }
}
