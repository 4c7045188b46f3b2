import Hosting

/// The shop that a command line is about, by the name that an operator has given it.
enum ContextChoice {
    /// Commands that are about no shop, or about one of their own.
    private static let without: Set<String> = ["context", "dev", "error", "completion"]

    /// The hint where nothing says which shop it is.
    static let hint = "eval \"$(shopctl dev env)\" for a private shop, or --context NAME for one of 'context list'"

    /// Has the context that is used, or named by a variable, stand behind the environment's variables, and the one that
    /// the command line names before them.
    ///
    /// - Parameter isServer: Whether the command runs servers: what an operator uses is nothing to them, unless it is
    ///   said for them.
    /// - Throws: `ContextStore.Fault`, `ConfigurationError`.
    static func apply(_ arguments: [String], isServer: Bool, to context: inout CommandContext) throws {
        guard let noun = arguments.first, !without.contains(noun) else { return }
        let store = ContextStore(environment: context.environment)
        let flag = flag(in: arguments)
        let variable = context.environment["SHOPCTL_CONTEXT"].flatMap { $0.isEmpty ? nil : $0 }
        guard let name = flag ?? variable ?? (isServer ? nil : store.current) else { return }
        let shop = try store.read(name)
        // Who says a shop on the command line means that one, whatever the shell was told of before.
        if flag != nil { context.environment = shop.leading(context.environment, isServer: isServer) }
        context.shop = shop
        context.environment.merge(shop.variables(besides: context.environment)) { own, _ in own }
    }

    private static func flag(in arguments: [String]) -> String? {
        let words = Array(arguments.prefix { $0 != "--" })
        for (index, word) in words.enumerated().reversed() {
            if word == "--context", index + 1 < words.count { return words[index + 1] }
            if word.hasPrefix("--context=") { return String(word.dropFirst("--context=".count)) }
        }
        return nil
    }
}
