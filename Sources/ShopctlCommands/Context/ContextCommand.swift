import ArgumentParser
import Hosting

/// `shopctl context`
struct ContextCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "context",
        abstract: "Give shops names, so that nobody has to export ten variables.",
        discussion: """
            A context has the places of one shop: URLs of databases, broker and Redis, the key file, and any other \
            setting; also gateway.url, admin.url and token-file. Each is a file in $XDG_CONFIG_HOME/shopctl/contexts \
            (or ~/.config/shopctl/contexts) that its owner alone can read. Every command takes --context; else \
            SHOPCTL_CONTEXT is taken, else the one of 'context use'. Of a setting the first counts of: flag, \
            variable, context, configuration file, default. A context that --context names goes before variables, and \
            those that lead to another shop (URLs, addresses, files, SHOPCTL_CONFIG) do not count beside it. Servers \
            take only a context that is named for them.

            EXAMPLES:
              shopctl context set here --from-env
              shopctl context set staging amqp.url-file=/run/secrets/amqp
              shopctl status --context staging
              shopctl context use staging
            """,
        subcommands: [ContextList.self, ContextShow.self, ContextUse.self, ContextSet.self, ContextDelete.self])

    /// The contexts of whoever runs the command.
    static func store(_ context: CommandContext) -> ContextStore { ContextStore(environment: context.environment) }
}

/// The name of a context that there is.
struct ContextName: ParsableArguments {
    @Argument(
        help: ArgumentHelp("The context.", valueName: "name"),
        completion: LiveNames.contexts.completion)
    var name: String
}

/// A context as results show it: without passwords.
struct ContextReport: Report {
    let shop: ShopContext
    let isCurrent: Bool
    let path: String

    var body: ReportBody {
        .one([
            "name": .text(shop.name), "current": .bool(isCurrent), "path": .text(path),
            "values": .records(
                shop.shown.map { key, value in
                    [
                        "key": .text(key), "value": .text(value),
                        "password_in_file": .bool(shop.secrets.contains(key)),
                    ]
                }),
        ])
    }

    func table(_ style: TextStyle) -> String {
        var table = Table([.left("KEY"), .left("VALUE")])
        for (key, value) in shop.shown { table.add(texts: [key, value]) }
        let current = isCurrent ? ", used where none is said" : ""
        return "\(style.bold(shop.name))  \(Printable.line(path))\(current)\n"
            + (shop.values.isEmpty ? "" : table.text(style.ofPart))
    }
}
