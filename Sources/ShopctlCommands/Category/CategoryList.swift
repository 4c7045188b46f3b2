import ArgumentParser
import GRPCCore
import Hosting
import ShopProtos

extension CategoryCommand {
    /// `shopctl category list`
    struct CategoryList: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List the categories by name, with how much each has on sale.",
            discussion: """
                EXAMPLES:
                  shopctl category list
                  shopctl category list --columns name --no-headers
                """)

        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func run(_ context: CommandContext) async throws {
            let caller = try await OperatorCaller.admin(try settings.begin(context), context)
            let categories = try await caller.calling { peers in
                try await peers.products.listCategories(.init(), options: OperatorCaller.usual).categories
            }
            try output.write(CategoryListing(categories: categories), context)
        }
    }
}

/// Categories, a line each.
struct CategoryListing: Report {
    let categories: [Products_Category]

    var body: ReportBody {
        .many(
            "categories",
            categories.map { ["name": .text($0.name), "products": .integer($0.products)] })
    }

    var columns: [Table.Column] { [.left("NAME"), .right("PRODUCTS")] }

    func table(_ style: TextStyle) -> String {
        var table = Table(columns)
        for category in categories { table.add(texts: [category.name, String(category.products)]) }
        return table.text(style)
    }
}
