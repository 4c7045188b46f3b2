import ArgumentParser
import GRPCCore
import Hosting
import ShopProtos
import SwiftProtobuf

extension ProductCommand {
    /// `shopctl product update`
    struct ProductUpdate: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "update",
            abstract: "Change fields of a product.",
            discussion: """
                What is not named stays. With --if-version nothing is changed if the product has another version by \
                now (exit status 65). Its stock has a command of its own.

                EXAMPLES:
                  shopctl product update 2 --price 1790
                  shopctl product update 2 --category toys --if-version 3
                  shopctl product update 2 --name "Tea pot" --reason "a misprint" --dry-run
                """)

        @OptionGroup var id: ProductID
        @Option(help: ArgumentHelp("1 to 200 characters.", valueName: "text"))
        var name: String?
        @Option(
            help: ArgumentHelp("One of 'category list'.", valueName: "name"),
            completion: LiveNames.categories.completion)
        var category: String?
        @Option(help: ArgumentHelp("In minor units: 1990 is 19.90.", valueName: "price"))
        var price: Int64?
        @Option(help: ArgumentHelp("10,000 characters at most.", valueName: "text"))
        var description: String?
        @Option(help: ArgumentHelp("A http or https URL; empty to take the photo away.", valueName: "url"))
        var photoURL: String?
        @OptionGroup var deed: ProductDeed
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func validate() throws {
            guard name != nil || category != nil || price != nil || description != nil || photoURL != nil else {
                throw ValidationError(
                    "say what changes: --name, --category, --price, --description or --photo-url")
            }
        }

        func run(_ context: CommandContext) async throws {
            let caller = try await OperatorCaller.admin(try settings.begin(context), context)
            var request = deed.request(id.product)
            if let name { request.name = name }
            if let category { request.category = category }
            if let price { request.price = price }
            if let description { request.description_p = description }
            if let photoURL { request.photoURL = photoURL }
            try await deed.carryOut(request, caller, output, context)
        }
    }

    /// `shopctl product stock`
    struct ProductStock: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "stock",
            abstract: "Set the stock of a product, or change it by some units.",
            discussion: """
                --amount is about the stock as it was seen: in the version of --if-version, else in the present one. If \
                something is sold or sent back in between, nothing is changed (exit status 65). --change adds to \
                whatever there is, or takes from it; there must be as many.

                EXAMPLES:
                  shopctl product stock 2 --change +20 --reason "delivery 1177"
                  shopctl product stock 2 --change -3
                  shopctl product stock 2 --amount 15 --if-version 7
                """)

        @OptionGroup var id: ProductID
        @Option(help: ArgumentHelp("Units that can be bought from now on.", valueName: "count"))
        var amount: Int64?
        @Option(parsing: .unconditional, help: ArgumentHelp("Units that come or go: +5, -3.", valueName: "count"))
        var change: Int64?
        @OptionGroup var deed: ProductDeed
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func validate() throws {
            guard (amount == nil) != (change == nil) else { throw ValidationError("say either --amount or --change") }
            guard amount ?? 0 >= 0 else { throw ValidationError("--amount must not be negative") }
            guard change != 0 else { throw ValidationError("--change must not be 0") }
        }

        func run(_ context: CommandContext) async throws {
            let caller = try await OperatorCaller.admin(try settings.begin(context), context)
            var request = deed.request(id.product)
            if let change { request.amountChange = change }
            if let amount {
                request.amount = amount
                if deed.ifVersion == nil {
                    request.expectedVersion = try await caller.calling { try await $0.product(id.product).version }
                }
            }
            try await deed.carryOut(request, caller, output, context)
        }
    }
}

/// The options of everything that changes a product.
struct ProductDeed: ParsableArguments {
    @Option(help: ArgumentHelp("Only if the product has this version.", valueName: "version"))
    var ifVersion: Int64?
    @OptionGroup var deed: DeedOptions

    var reason: String? { deed.reason }
    var dryRun: Bool { deed.dryRun }

    func validate() throws {
        guard ifVersion ?? 1 > 0 else { throw ValidationError("--if-version must be more than zero") }
    }

    fileprivate func request(_ id: Int64) -> Products_UpdateProductRequest {
        .with {
            $0.id = id
            if let ifVersion { $0.expectedVersion = ifVersion }
            $0.reason = reason ?? ""
        }
    }

    fileprivate func carryOut(
        _ request: Products_UpdateProductRequest, _ caller: OperatorCaller, _ output: OutputOptions,
        _ context: CommandContext
    ) async throws {
        let product = try await caller.calling(look: "shopctl product show \(request.id)") { peers in
            dryRun
                ? try await peers.products.checkUpdateProduct(request, options: OperatorCaller.usual).product
                : try await peers.products.updateProduct(request, options: OperatorCaller.usual).product
        }
        try output.write(
            ProductReport(product: product, isDryRun: dryRun), context,
            deed: dryRun ? nil : "product \(product.id) is changed")
    }
}
