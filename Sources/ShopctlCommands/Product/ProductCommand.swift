import ArgumentParser
import Hosting
import ShopProtos

/// `shopctl product`
struct ProductCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "product",
        abstract: "See the catalogue, and change it.",
        discussion: """
            Talks gRPC to the role products, at products.address, by a token of its own that is an admin's; or by the \
            one in SHOPCTL_TOKEN or in the file that SHOPCTL_TOKEN_FILE names. What is changed stands in the audit \
            trail as an operator's deed. Prices are in minor units; an amount is the units that can be bought, those \
            that unsettled orders hold not counted.

            EXAMPLES:
              shopctl product list --category toys --in-stock
              shopctl product show 2
              shopctl product stock 2 --change +5
              shopctl product import products.csv --dry-run
            """,
        subcommands: [
            ProductList.self, ProductShow.self, ProductCreate.self, ProductUpdate.self, ProductStock.self,
            ProductDelete.self, ProductImport.self, ProductExport.self,
        ])
}

/// The id of a product on the command line.
struct ProductID: ParsableArguments {
    @Argument(help: ArgumentHelp("The product's id.", valueName: "id"), completion: LiveNames.products.completion)
    var product: Int64

    func validate() throws {
        guard product > 0 else { throw ValidationError("a product's id is more than zero") }
    }
}

/// A product as results show it. The price is in minor units.
struct ProductReport: Report {
    let product: Products_Product
    /// Whether it is how the product would be; nil where nothing was to be done.
    var isDryRun: Bool?

    var body: ReportBody {
        var record = product.record
        if let isDryRun { record.members.append(.init(name: "dry_run", value: .bool(isDryRun))) }
        return .one(record)
    }

    func table(_ style: TextStyle) -> String {
        var text = isDryRun == true ? "nothing was changed; it would be:\n" : ""
        let name = product.id == 0 ? "a product" : "product \(product.id)"
        text += "\(style.bold(name)) of user \(product.userID)  \(Printable.line(product.name))\n"
        text += "\(product.priceText)  \(product.amount) in stock  category \(Printable.line(product.category))"
        text += product.id == 0 ? "\n" : "  version \(product.version)\n"
        if !product.createdAt.isEmpty {
            text += "created \(style.time(text: product.createdAt))  changed \(style.time(text: product.updatedAt))\n"
        }
        if !product.photoURL.isEmpty { text += "photo \(Printable.line(product.photoURL))\n" }
        if !product.description_p.isEmpty { text += "\n\(Printable.lines(product.description_p))\n" }
        return text
    }
}

extension Products_Product {
    /// The product for programs; its names are those of REST.
    var record: OutputRecord {
        [
            "id": .optional(id == 0 ? nil : id),
            "name": .text(name),
            "amount": .integer(amount),
            "price": .integer(price),
            "currency": .optional(currency.isEmpty ? nil : currency),
            "category": .text(category),
            "description": .text(description_p),
            "user_id": .integer(userID),
            "photo_url": .optional(photoURL.isEmpty ? nil : photoURL),
            "version": .integer(version),
            "created_at": .optional(createdAt.isEmpty ? nil : createdAt),
            "updated_at": .optional(updatedAt.isEmpty ? nil : updatedAt),
        ]
    }
}
