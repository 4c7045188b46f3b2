import ArgumentParser
import GRPCCore
import Hosting
import ShopProtos
import SwiftProtobuf

extension CategoryCommand {
    /// `shopctl category create`
    struct CategoryCreate: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "create",
            abstract: "Make a category.",
            discussion: """
                EXAMPLES:
                  shopctl category create garden
                """)

        @Argument(help: "Its name.")
        var name: String
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func run(_ context: CommandContext) async throws {
            let caller = try await OperatorCaller.admin(try settings.begin(context), context)
            let category = try await caller.calling { peers in
                try await peers.products.createCategory(.with { $0.name = name }, options: OperatorCaller.usual)
                    .category
            }
            try output.write(
                CategoryReport(name: category.name, products: 0, change: .created), context,
                deed: "category \(category.name) is there now")
        }
    }

    /// `shopctl category rename`
    struct CategoryRename: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "rename",
            abstract: "Give a category another name.",
            discussion: """
                All of its products are in it under the new name at once; under the old name there is no category any \
                more, for those who have kept its address.

                EXAMPLES:
                  shopctl category rename garden garden-tools --reason "it is only tools"
                """)

        @Argument(help: "Its name.")
        var name: String
        @Argument(help: "The name that it gets.")
        var newName: String
        @OptionGroup var because: CategoryReason
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func run(_ context: CommandContext) async throws {
            let caller = try await OperatorCaller.admin(try settings.begin(context), context)
            let request = Products_RenameCategoryRequest.with {
                $0.name = name
                $0.newName = newName
                $0.reason = because.reason ?? ""
            }
            let category = try await caller.calling { peers in
                try await peers.products.renameCategory(request, options: OperatorCaller.usual).category
            }
            try output.write(
                CategoryReport(name: category.name, products: category.products, change: .renamed), context,
                deed: "the category is \(category.name) now")
        }
    }

    /// `shopctl category delete`
    struct CategoryDelete: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "delete",
            abstract: "Delete a category that no product uses.",
            discussion: """
                It is refused while products are in it (exit status 65): give them another category, or rename it. \
                Products that were deleted do not count.

                EXAMPLES:
                  shopctl product list --category garden
                  shopctl category delete garden --reason "nobody sells that"
                """)

        @Argument(help: "Its name.")
        var name: String
        @OptionGroup var because: CategoryReason
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func run(_ context: CommandContext) async throws {
            let caller = try await OperatorCaller.admin(try settings.begin(context), context)
            let request = Products_DeleteCategoryRequest.with {
                $0.name = name
                $0.reason = because.reason ?? ""
            }
            _ = try await caller.calling { peers in
                try await peers.products.deleteCategory(request, options: OperatorCaller.usual)
            }
            try output.write(
                CategoryReport(name: name, products: 0, change: .deleted), context, deed: "category \(name) is gone")
        }
    }
}

/// The reason for a change of a category.
struct CategoryReason: ParsableArguments {
    @Option(help: ArgumentHelp("Why, for the audit trail.", valueName: "text"))
    var reason: String?

    func validate() throws { try ReasonText.check(reason) }
}
