import ArgumentParser
import ShopProtos

/// `shopctl category`
struct CategoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "category",
        abstract: "See and change the categories of products.",
        discussion: """
            A name is a lower-case letter and then up to 49 lower-case letters, digits and dashes; it stands in \
            addresses, as in /api/products/toys. Talks gRPC to the role products as 'product' does.

            EXAMPLES:
              shopctl category list
              shopctl category create garden
              shopctl category rename garden garden-tools
              shopctl category delete garden-tools
            """,
        subcommands: [CategoryList.self, CategoryCreate.self, CategoryRename.self, CategoryDelete.self])
}

/// A category after something was done to it, or as it would be.
struct CategoryReport: Report {
    let name: String
    /// The number of its products on sale.
    let products: Int64
    let change: Change
    var isDryRun = false

    enum Change: String, Sendable {
        case created, renamed, deleted
    }

    var body: ReportBody {
        .one([
            "name": .text(name), "products": .integer(products), "change": .text(change.rawValue),
            "dry_run": .bool(isDryRun),
        ])
    }

    /// The deed in words.
    var deed: String {
        switch change {
        case .created: "category \(name) is there now"
        case .renamed: "the category is \(name) now"
        case .deleted: "category \(name) is gone"
        }
    }

    func table(_ style: TextStyle) -> String {
        let name = style.bold(Printable.line(name))
        let goods = "\(products) \(products == 1 ? "product" : "products")"
        return switch (change, isDryRun) {
        case (.created, false): "category \(name) is there now\n"
        case (.created, true): "category \(name) would be made; nothing was done\n"
        case (.renamed, false): "the category is \(name) now, with \(goods)\n"
        case (.renamed, true): "the category would be \(name), with \(goods); nothing was done\n"
        case (.deleted, false): "category \(name) is gone\n"
        case (.deleted, true): "category \(name) would be deleted; nothing was done\n"
        }
    }
}
