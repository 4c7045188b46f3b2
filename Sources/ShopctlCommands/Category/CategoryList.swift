import ArgumentParser
import GRPCCore
import Hosting
import ShopProtos
import SwiftProtobuf

extension CategoryCommand {
    /// `shopctl category list`
    struct CategoryList: ListingCommand {
        typealias Listing = CategoryListing

        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List the categories by name, with how much each has on sale.",
            discussion: """
                EXAMPLES:
                  shopctl category list
                  shopctl category list --sort -products --limit 10
                  shopctl category list --columns name --no-headers
                """)

        @Option(parsing: .unconditional, help: "The order; a dash puts the last name or the fullest first.")
        var sort = CategorySort.name
        @OptionGroup var pages: PageOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func run(_ context: CommandContext) async throws {
            let caller = try await OperatorCaller.admin(try settings.begin(context), context)
            let after = try pages.cursor.map { try PageCursor($0, of: sort.paged) }
            try await pages.watching(context, output) { context in
                let categories = try await caller.calling { peers in
                    try await peers.products.listCategories(.init(), options: OperatorCaller.usual).categories
                }
                try output.write(
                    CategoryListing(of: categories, by: sort, after: after, limit: pages.limit), context)
            }
        }
    }
}

/// Orders of categories.
enum CategorySort: String, SortArgument {
    case name
    case nameDescending = "-name"
    case products
    case productsDescending = "-products"

    /// The list as its cursors know it.
    var paged: PagedList { PagedList("category list", sort: rawValue) }

    /// Whether one stands before the other: where they have as much on sale, by name.
    func precedes(_ one: Products_Category, _ other: Products_Category) -> Bool {
        switch self {
        case .name: break
        case .nameDescending: return one.name > other.name
        case .products, .productsDescending:
            guard one.products == other.products else { return (one.products < other.products) == isAscending }
        }
        return one.name < other.name
    }
}

/// Categories, a line each.
struct CategoryListing: ListReport {
    let categories: [Products_Category]
    let page: Page?

    /// A page of all that there are.
    init(of all: [Products_Category], by sort: CategorySort, after cursor: PageCursor?, limit: Int) {
        let sorted = all.sorted(by: sort.precedes)
        let left =
            if let cursor {
                sorted.filter { category in
                    sort.precedes(
                        .with {
                            $0.name = cursor.id
                            $0.products = cursor.key
                        }, category)
                }
            } else { sorted }
        categories = Array(left.prefix(limit))
        let next = left.count > limit ? categories.last : nil
        page = Page(
            count: categories.count, total: Int64(all.count),
            next: next.map { PageCursor(of: sort.paged, key: $0.products, id: $0.name).text })
    }

    var body: ReportBody {
        .many(
            "categories",
            categories.map { ["name": .text($0.name), "products": .integer($0.products)] })
    }

    static var columns: [Table.Column] { [.left("NAME"), .right("PRODUCTS")] }

    func table(_ style: TextStyle) -> String {
        var table = Table(columns)
        for category in categories { table.add(texts: [category.name, String(category.products)]) }
        return table.text(style)
    }
}
