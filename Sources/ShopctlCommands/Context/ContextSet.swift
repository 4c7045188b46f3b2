import ArgumentParser
import Hosting

extension ContextCommand {
    /// `shopctl context set`
    struct ContextSet: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "set",
            abstract: "Give a shop a name, or change what it says.",
            discussion: """
                Keys are those of settings ('shopctl serve --help' lists them), and gateway.url, admin.url and \
                token-file. KEY-file names a file that has the value, read each time: the right place for what has a \
                password. A URL with a password is refused among the arguments, which every user of this host could \
                read: by KEY=- it comes from standard input, and stands in the context's file then, which is told. \
                --from-env takes everything that the shell has set.

                EXAMPLES:
                  shopctl context set here --from-env
                  shopctl context set staging auth.keys-file=/etc/shop/keys.json
                  shopctl context set staging amqp.url-file=/run/secrets/amqp
                  shopctl context set staging redis.url=- < redis-url
                  shopctl context set staging --unset redis.url
                """)

        @Argument(
            help: ArgumentHelp("The context; a new one if there is none of that name.", valueName: "name"),
            completion: LiveNames.contexts.completion)
        var name: String
        @Argument(help: ArgumentHelp("What it says.", valueName: "key=value"))
        var values: [String] = []
        @Flag(help: "Take the settings and places that the environment has.")
        var fromEnv = false
        @Option(help: ArgumentHelp("Take a key out; may be repeated.", valueName: "key"))
        var unset: [String] = []
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard !values.isEmpty || fromEnv || !unset.isEmpty else {
                throw ValidationError("say what: key=value, --from-env or --unset")
            }
            // The value is not repeated: it may be a secret.
            guard values.allSatisfy({ $0.contains("=") && $0.first != "=" }) else {
                throw ValidationError("a value is given as key=value")
            }
            guard values.count(where: { $0.hasSuffix("=-") }) <= 1 else {
                throw ValidationError("standard input has one value only")
            }
        }

        func run(_ context: CommandContext) async throws {
            let store = ContextCommand.store(context)
            var shop: ShopContext
            do {
                shop = try store.read(name)
            } catch let fault as ContextStore.Fault where fault.kind == .missing {
                shop = ShopContext(name: name)
            }
            if fromEnv {
                let taken = try ShopContext(name: name, environment: context.environment)
                shop.values.merge(taken.values) { _, new in new }
            }
            for assignment in values {
                let (key, value) = try Self.parse(assignment, context)
                try ShopContext.check(key, value)
                shop.values[key] = value
            }
            for key in unset {
                guard shop.values.removeValue(forKey: key) != nil else {
                    throw CommandFailure(
                        .notFound, "context '\(name)' does not say '\(key)'", hint: "shopctl context show \(name)",
                        code: .contextMissing)
                }
            }
            try store.write(shop)
            let path = store.path(of: name)
            try output.write(
                ContextReport(shop: shop, isCurrent: name == store.current, path: path), context,
                deed: "\(path) is written")
            if !shop.secrets.isEmpty {
                context.warn(
                    "\(path) has the passwords of \(shop.secrets.joined(separator: ", ")), readable by you alone; "
                        + "KEY-file=PATH keeps one elsewhere")
            }
        }

        private static func parse(
            _ assignment: String, _ context: CommandContext
        ) throws -> (key: String, value: String) {
            let parts = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let key = String(parts[0])
            guard parts[1] != "-" else {
                let text = String(decoding: try context.standardInput(), as: UTF8.self)
                return (key, String(text.prefix { !$0.isNewline }))
            }
            guard !ShopContext.isSecret(key, String(parts[1])) else {
                throw CommandFailure(
                    .badConfiguration,
                    "\(key) must not hold a password among the arguments, which every user of this host could read",
                    hint: "\(key)-file=PATH, or \(key)=- with the URL on standard input")
            }
            return (key, String(parts[1]))
        }
    }
}
