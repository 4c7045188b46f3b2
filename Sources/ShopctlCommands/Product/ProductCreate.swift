import ArgumentParser
import GRPCCore
import Hosting
import ShopProtos
import SwiftProtobuf

extension ProductCommand {
    /// `shopctl product create`
    struct ProductCreate: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "create",
            abstract: "Put a product on sale, in a seller's name.",
            discussion: """
                The shop knows a product by its id only: the same command again puts another one on sale. If no answer \
                comes, the product may be there or not (exit status 1): look before doing it again. A dry run \
                keeps nothing, but uses up an id.

                EXAMPLES:
                  shopctl product create --seller 2 --name Teapot --category toys \\
                    --price 1990 --amount 5 --description "Holds a litre."
                  shopctl product create --seller 2 --name Cup --category toys \\
                    --price 250 --amount 10 --reason "asked by the seller" --dry-run
                """)

        @Option(help: ArgumentHelp("Whose it is.", valueName: "id"))
        var seller: Int64
        @Option(help: ArgumentHelp("1 to 200 characters.", valueName: "text"))
        var name: String
        @Option(
            help: ArgumentHelp("One of 'category list'.", valueName: "name"),
            completion: LiveNames.categories.completion)
        var category: String
        @Option(help: ArgumentHelp("In minor units: 1990 is 19.90.", valueName: "price"))
        var price: Int64
        @Option(help: ArgumentHelp("Units that can be bought.", valueName: "count"))
        var amount: Int64
        @Option(help: ArgumentHelp("10,000 characters at most.", valueName: "text"))
        var description = ""
        @Option(help: ArgumentHelp("A http or https URL.", valueName: "url"))
        var photoURL = ""
        @OptionGroup var deed: DeedOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func validate() throws {
            guard seller > 0 else { throw ValidationError("--seller must be more than zero") }
        }

        func run(_ context: CommandContext) async throws {
            let caller = try await OperatorCaller.admin(try settings.begin(context), context)
            let draft = Products_PostProductRequest.with {
                $0.userID = seller
                $0.name = name
                $0.category = category
                $0.price = price
                $0.amount = amount
                $0.description_p = description
                $0.photoURL = photoURL
            }
            let request = Products_PostProductsRequest.with {
                $0.products = [draft]
                $0.reason = deed.reason ?? ""
            }
            await NamedUser(id: seller, configuration: caller.configuration).warnIfUnknown(context)
            let product = try await caller.calling { peers in
                let id = try await Self.post(request, isDryRun: deed.dryRun, seller: seller, peers.products)
                return deed.dryRun
                    ? Products_Product(imagined: draft, currency: caller.configuration.currency)
                    : try await peers.product(id)
            }
            try output.write(
                ProductReport(product: product, isDryRun: deed.dryRun), context,
                deed: deed.dryRun ? nil : "product \(product.id) is on sale")
        }

        private static func post(
            _ request: Products_PostProductsRequest, isDryRun: Bool, seller: Int64,
            _ products: any Products_Products.ClientProtocol
        ) async throws -> Int64 {
            let reply: Products_PostProductsResponse
            do {
                reply =
                    isDryRun
                    ? try await products.checkPostProducts(request, options: OperatorCaller.usual)
                    : try await products.postProducts(request, options: OperatorCaller.usual)
            } catch {
                guard ServiceError(mapping: error).leavesOutcomeOpen else { throw error }
                throw CommandFailure(
                    .failure, "no answer came: the product may be on sale or not",
                    hint: "shopctl product list --seller \(seller) --since 5m")
            }
            if let fault = reply.faults.first {
                throw ShopRefusal.failure(
                    ServiceError(.invalidArgument, reason: fault.reason, message: fault.message))
                    ?? CommandFailure(.badData, fault.message, code: .requestRefused)
            }
            guard let id = reply.ids.first else { throw CommandFailure(.bug, "the role products told no id") }
            return id
        }
    }
}

extension Products_Product {
    /// A product as it would be, as far as that is known before: it has no id and no times.
    fileprivate init(imagined draft: Products_PostProductRequest, currency: String) {
        self.init()
        self.currency = currency
        name = draft.name
        category = draft.category
        price = draft.price
        amount = draft.amount
        description_p = draft.description_p
        photoURL = draft.photoURL
        userID = draft.userID
    }
}
