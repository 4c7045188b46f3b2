import ArgumentParser
import Hosting

extension ContextCommand {
    /// `shopctl context delete`
    struct ContextDelete: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "delete",
            abstract: "Forget a shop's name and places; the shop itself is left alone.",
            discussion: """
                EXAMPLES:
                  shopctl context delete staging --dry-run
                  shopctl context delete staging
                """)

        @OptionGroup var shop: ContextName
        @Flag(help: "Only check that it is there.")
        var dryRun = false
        @OptionGroup var output: OutputOptions

        func run(_ context: CommandContext) async throws {
            let store = ContextCommand.store(context)
            guard store.names.contains(shop.name) else {
                // Words of the store's own, with the nearest name.
                _ = try store.read(shop.name)
                return
            }
            let isCurrent = store.current == shop.name
            if !dryRun { try store.delete(shop.name) }
            try output.write(
                DeletedContext(name: shop.name, wasCurrent: isCurrent, isDryRun: dryRun), context,
                deed: "context '\(shop.name)' is deleted")
        }
    }
}

/// A context that is no more.
struct DeletedContext: Report {
    let name: String
    let wasCurrent: Bool
    let isDryRun: Bool

    var body: ReportBody {
        .one(["name": .text(name), "was_current": .bool(wasCurrent), "dry_run": .bool(isDryRun)])
    }

    func table(_ style: TextStyle) -> String {
        let used = wasCurrent ? "; none is used any more" : ""
        return isDryRun
            ? "\(style.bold(name)) would be deleted\n" : "\(style.bold(name)) is deleted\(used)\n"
    }
}
