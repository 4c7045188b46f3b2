import ArgumentParser
import GRPCCore
import Hosting
import ShopProtos
import SwiftProtobuf

extension ProductCommand {
    /// `shopctl product show`
    struct ProductShow: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "Show a product as it is now.",
            discussion: """
                Read from the store, past the cache. The version is what --if-version of other commands names.

                EXAMPLES:
                  shopctl product show 2
                  shopctl product show 2 -o json
                """)

        @OptionGroup var id: ProductID
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func run(_ context: CommandContext) async throws {
            let caller = try await OperatorCaller.admin(try settings.begin(context), context)
            let product = try await caller.calling { try await $0.product(id.product) }
            try output.write(ProductReport(product: product), context)
        }
    }
}

extension Peers {
    /// A product as the store has it.
    func product(_ id: Int64) async throws -> Products_Product {
        let request = Products_GetOneProductRequest.with {
            $0.id = id
            $0.fresh = true
        }
        return try await products.getOneProduct(request, options: OperatorCaller.usual).product
    }
}
