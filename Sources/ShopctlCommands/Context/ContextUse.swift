import ArgumentParser
import Hosting

extension ContextCommand {
    /// `shopctl context use`
    struct ContextUse: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "use",
            abstract: "Have commands be about that shop where none is said.",
            discussion: """
                Variables of the shell still go before it (not before one that --context names), and --context and \
                SHOPCTL_CONTEXT name another. Servers \
                ('serve', 'dev') take no notice of it.

                EXAMPLES:
                  shopctl context use staging
                  shopctl context use --none
                """)

        @Argument(
            help: ArgumentHelp("The context.", valueName: "name"),
            completion: LiveNames.contexts.completion)
        var name: String?
        @Flag(help: "Use none any more.")
        var none = false
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (name == nil) == none else { throw ValidationError("say which: a context's name, or --none") }
        }

        func run(_ context: CommandContext) async throws {
            let store = ContextCommand.store(context)
            // One that cannot be read would stand in the way of every command.
            if let name { _ = try store.read(name) }
            let previous = store.current
            try store.use(name)
            try output.write(UsedContext(name: name, previous: previous), context)
        }
    }
}

/// The context that is used now.
struct UsedContext: Report {
    let name: String?
    let previous: String?

    var body: ReportBody { .one(["name": .optional(name), "previous": .optional(previous)]) }

    func table(_ style: TextStyle) -> String {
        let before = previous.map { ", \($0) before" } ?? ""
        return name.map { "\(style.bold($0)) is used\(before)\n" } ?? "none is used\(before)\n"
    }
}
