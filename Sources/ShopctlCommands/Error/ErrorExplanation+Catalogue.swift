/// The explanations of what products, categories, customers and reviews may lack or forbid.
extension ErrorExplanation {
    static func catalogue(_ code: ErrorCode) -> ErrorExplanation {
        switch code {
        case .productMissing:
            .init("there is no such product", "It never was, or is deleted or being deleted.", "shopctl product list")
        case .productChanged:
            .init(
                "the product has changed since it was seen",
                "Somebody changed, bought or sent it back in between; nothing was written over that. Look at it again, "
                    + "and decide by what it is now.", "shopctl product list --sort -id")
        case .productHeld:
            .init(
                "the product's stock does not allow it",
                "An order that is not settled holds units of it, or there are fewer than are to be taken away.",
                "shopctl saga list")
        case .importFault:
            .init(
                "lines of a file are at fault",
                "Each is told with its line and field. Unless --keep-going was asked for, nothing was imported: mend "
                    + "the lines and run it again.", "shopctl product import --help")
        case .importTooLarge:
            .init(
                "the file is too large for one transaction",
                "All or nothing is possible up to 1000 products and 3 MiB. With --keep-going a file of any number of "
                    + "products is imported in batches; of 16 MiB at most.", "shopctl product import --help")
        case .categoryMissing: .init("there is no such category", "Nothing was changed.", "shopctl category list")
        case .categoryExists: .init("there is such a category", "Names are unique.", "shopctl category list")
        case .categoryInUse:
            .init(
                "the category is in use",
                "Products are in it that are on sale, or are being deleted. Give them another category, or rename "
                    + "this one.", "shopctl category list")
        default: .init("there is no such review", "It was deleted, or its product was.", "shopctl review list")
        }
    }
}
