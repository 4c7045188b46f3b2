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
                  shopctl category create garden --reason "asked by sellers" --dry-run
                """)

        @Argument(help: "Its name.")
        var name: String
        @OptionGroup var deed: DeedOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func run(_ context: CommandContext) async throws {
            let caller = try await OperatorCaller.admin(try settings.begin(context), context)
            let request = Products_CreateCategoryRequest.with {
                $0.name = name
                $0.reason = deed.reason ?? ""
            }
            let category = try await caller.calling { peers in
                deed.dryRun
                    ? try await peers.products.checkCreateCategory(request, options: OperatorCaller.usual).category
                    : try await peers.products.createCategory(request, options: OperatorCaller.usual).category
            }
            try deed.tell(CategoryReport(name: category.name, products: 0, change: .created), output, context)
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
                  shopctl category rename garden garden-tools --dry-run
                  shopctl category rename garden garden-tools --reason "it is only tools"
                """)

        @Argument(help: "Its name.", completion: LiveNames.categories.completion)
        var name: String
        @Argument(help: "The name that it gets.")
        var newName: String
        @OptionGroup var deed: DeedOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func run(_ context: CommandContext) async throws {
            let caller = try await OperatorCaller.admin(try settings.begin(context), context)
            let request = Products_RenameCategoryRequest.with {
                $0.name = name
                $0.newName = newName
                $0.reason = deed.reason ?? ""
            }
            let category = try await caller.calling { peers in
                deed.dryRun
                    ? try await peers.products.checkRenameCategory(request, options: OperatorCaller.usual).category
                    : try await peers.products.renameCategory(request, options: OperatorCaller.usual).category
            }
            try deed.tell(
                CategoryReport(name: category.name, products: category.products, change: .renamed), output, context)
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
                  shopctl category delete garden --dry-run
                  shopctl product list --category garden
                  shopctl category delete garden --reason "nobody sells that"
                """)

        @Argument(help: "Its name.", completion: LiveNames.categories.completion)
        var name: String
        @OptionGroup var deed: DeedOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func run(_ context: CommandContext) async throws {
            let caller = try await OperatorCaller.admin(try settings.begin(context), context)
            let request = Products_DeleteCategoryRequest.with {
                $0.name = name
                $0.reason = deed.reason ?? ""
            }
            _ = try await caller.calling(look: deed.products(of: name)) { peers in
                deed.dryRun
                    ? try await peers.products.checkDeleteCategory(request, options: OperatorCaller.usual)
                    : try await peers.products.deleteCategory(request, options: OperatorCaller.usual)
            }
            try deed.tell(CategoryReport(name: name, products: 0, change: .deleted), output, context)
        }
    }
}

extension DeedOptions {
    /// The command that lists what is in a category; nil for a name that a shell would take apart.
    fileprivate func products(of name: String) -> String? {
        name.utf8.allSatisfy { $0.isPlain } ? "shopctl product list --category \(name)" : nil
    }

    fileprivate func tell(_ report: CategoryReport, _ output: OutputOptions, _ context: CommandContext) throws {
        var report = report
        report.isDryRun = dryRun
        try output.write(report, context, deed: dryRun ? nil : report.deed)
    }
}

extension UInt8 {
    /// A byte that no shell takes for anything else: a letter, a digit, a dash or an underscore.
    fileprivate var isPlain: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
    }
}
