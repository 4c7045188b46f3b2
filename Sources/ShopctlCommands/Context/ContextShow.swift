import ArgumentParser
import Hosting

extension ContextCommand {
    /// `shopctl context show`
    struct ContextShow: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "Show the places of a shop, without passwords.",
            discussion: """
                Without a name the one of 'context use' is shown.

                EXAMPLES:
                  shopctl context show
                  shopctl context show staging -o json
                """)

        @Argument(
            help: ArgumentHelp("The context (default: that of 'context use').", valueName: "name"),
            completion: LiveNames.contexts.completion)
        var name: String?
        @OptionGroup var output: OutputOptions

        func run(_ context: CommandContext) async throws {
            let store = ContextCommand.store(context)
            guard let name = name ?? store.current else {
                throw CommandFailure(
                    .notFound, "no context is used", hint: "shopctl context list", code: .contextMissing)
            }
            let shop = try store.read(name)
            try output.write(
                ContextReport(shop: shop, isCurrent: name == store.current, path: store.path(of: name)), context)
        }
    }
}
