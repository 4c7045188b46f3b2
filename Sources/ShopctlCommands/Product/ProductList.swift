import ArgumentParser
import FoundationEssentials
import GRPCCore
import Hosting
import ShopContracts
import ShopProtos
import SwiftProtobuf

extension ProductCommand {
    /// `shopctl product list`
    struct ProductList: ListingCommand {
        typealias Listing = ProductListing

        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List what is on sale, the newest first.",
            discussion: """
                With --text those that have all of its words in name or description. --since and --until are about \
                when a product was put on sale.

                EXAMPLES:
                  shopctl product list
                  shopctl product list --category toys --in-stock --sort price
                  shopctl product list --seller 2 --since 7d
                  shopctl product list --text teapot --limit 1000 -o jsonl
                """)

        @OptionGroup var filter: ProductFilter
        @Option(
            parsing: .unconditional, help: "The order; a dash puts the newest or the most expensive first.")
        var sort = Sort.newest
        @OptionGroup var list: ListOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        /// Values of `--sort`.
        enum Sort: String, SortArgument {
            case newest = "-id"
            case oldest = "id"
            case priceDescending = "-price"
            case price
            case name

            var message: Products_SearchProductsRequest.Sort {
                switch self {
                case .newest: .newest
                case .oldest: .oldest
                case .priceDescending: .priceDescending
                case .price: .priceAscending
                case .name: .name
                }
            }
        }

        func run(_ context: CommandContext) async throws {
            let caller = try await OperatorCaller.admin(try settings.begin(context), context)
            let paged = list.paged("product list", sort: sort.rawValue, filter.texts)
            let cursor = try list.innerCursor(of: paged)
            try await list.watching(context, output) { context in
                var request = filter.message
                request.sort = sort.message
                if let since = list.sinceMicroseconds(context.now()) { request.since = since }
                if let until = list.untilMicroseconds(context.now()) { request.until = until }
                request.counted = true
                let asked = request
                let (products, page) = try await caller.page(list.limit, from: cursor, of: paged) {
                    peers, size, cursor in
                    var request = asked
                    request.pageSize = size
                    request.cursor = cursor
                    let page = try await filter.page(request, peers)
                    return (page.products, page.nextCursor, page.total)
                }
                try output.write(ProductListing(products: products, page: page), context)
            }
        }
    }
}

/// Conditions that products meet.
struct ProductFilter: ParsableArguments {
    @Option(
        help: ArgumentHelp("Only this category.", valueName: "name"), completion: LiveNames.categories.completion)
    var category: String?
    @Option(help: ArgumentHelp("Only what this user sells.", valueName: "id"))
    var seller: Int64?
    @Option(help: ArgumentHelp("Those with all of these words.", valueName: "words"))
    var text: String?
    @Option(help: ArgumentHelp("Only at this price or more, in minor units.", valueName: "price"))
    var minPrice: Int64?
    @Option(help: ArgumentHelp("Only at this price or less.", valueName: "price"))
    var maxPrice: Int64?
    @Flag(help: "Only what can be bought now.")
    var inStock = false

    func validate() throws {
        guard seller ?? 1 > 0 else { throw ValidationError("--seller must be more than zero") }
        guard minPrice ?? 0 >= 0, maxPrice ?? 0 >= 0 else {
            throw ValidationError("--min-price and --max-price must not be negative")
        }
        guard minPrice ?? 0 <= maxPrice ?? .max else {
            throw ValidationError("--max-price must not be less than --min-price")
        }
    }

    /// The conditions as a cursor knows them.
    var texts: [String?] {
        [category, seller.map(String.init), text, minPrice.map(String.init), maxPrice.map(String.init), "\(inStock)"]
    }

    var message: Products_SearchProductsRequest {
        .with {
            $0.category = category ?? ""
            $0.sellerID = seller ?? 0
            $0.text = text ?? ""
            if let minPrice { $0.minPrice = minPrice }
            if let maxPrice { $0.maxPrice = maxPrice }
            $0.inStock = inStock
        }
    }

    /// A page of what meets the conditions.
    ///
    /// - Throws: ``CommandFailure`` of what is not there, if there is no such category: here it is what is asked for.
    func page(
        _ request: Products_SearchProductsRequest, _ peers: Peers
    ) async throws -> Products_SearchProductsResponse {
        do {
            return try await peers.products.searchProducts(request, options: OperatorCaller.usual)
        } catch let error as RPCError where ServiceError(error).reason == "category_not_found" {
            throw CommandFailure(
                .notFound, "there is no such category", hint: "shopctl category list", code: .categoryMissing,
                object: category)
        }
    }
}

/// Products, a line each.
struct ProductListing: ListReport {
    let products: [Products_Product]
    let page: Page?

    var body: ReportBody { .many("products", products.map(\.record)) }

    static var columns: [Table.Column] {
        [
            .right("ID"), .left("NAME"), .left("CATEGORY"), .right("PRICE"), .right("IN STOCK", "amount"),
            .right("SELLER", "user_id"), .left("CREATED", "created_at", extra: true),
            .right("VERSION", extra: true),
        ]
    }

    func table(_ style: TextStyle) -> String {
        var table = Table(columns)
        for product in products {
            table.add([
                .plain(String(product.id)), .plain(product.name), .plain(product.category),
                .plain(product.priceText), .styled(String(product.amount), product.amount == 0 ? .yellow : .none),
                .plain(String(product.userID)), .time(text: product.createdAt), .plain(String(product.version)),
            ])
        }
        return table.text(style)
    }
}

extension Products_Product {
    /// As people read it.
    var priceText: String { Money.text(price, currency) }
}
