/// The variables of the environment whose names are the shop's.
enum ShopVariables {
    private static let prefix = "SHOPCTL_"

    /// Read by commands, and no settings.
    private static let others: Set<String> = [
        "SHOPCTL_CONFIG", "SHOPCTL_CONTEXT", "SHOPCTL_TOKEN", "SHOPCTL_TOKEN_FILE", "SHOPCTL_GATEWAY_URL",
        "SHOPCTL_ADMIN_URL",
    ]

    /// Beginnings of the names of variables that only private shops, tests and their tools read.
    private static let families = ["DEV_", "TEST_", "FUZZ_", "CHAOS_", "CRASH_POINT"].map { prefix + $0 }

    private static let known = others.union(Setting.all.flatMap { [$0.variable, $0.fileVariable] })

    /// Passes if each of them is known: a misspelt one would otherwise be as good as none.
    ///
    /// - Throws: ``ConfigurationError`` naming the first, and the one it may have been meant for.
    static func check(_ environment: [String: String]) throws(ConfigurationError) {
        let unknown = environment.keys.filter { name in
            name.hasPrefix(prefix) && !known.contains(name) && !isOfAnOrchestrator(name)
                && !families.contains { name.hasPrefix($0) }
        }
        guard let name = unknown.min() else { return }
        throw ConfigurationError(
            key: nil, "the variable \(name) is no setting\(suggestion(for: name)); unset it or correct its name")
    }

    private static func suggestion(for name: String) -> String {
        // What all of them begin with makes none of them near.
        let rest = known.map { String($0.dropFirst(prefix.count)) }.sorted()
        return Spelling.nearest(to: String(name.dropFirst(prefix.count)), among: rest).map { ": is it \(prefix)\($0)?" }
            ?? ""
    }

    /// Whether it tells of a service that is called shopctl, as Kubernetes sets them: `SHOPCTL_SERVICE_HOST`,
    /// `SHOPCTL_ORDERS_PORT_9002_TCP`.
    private static func isOfAnOrchestrator(_ name: String) -> Bool {
        name.hasSuffix("_SERVICE_HOST") || name.contains("_SERVICE_PORT") || name.hasSuffix("_PORT")
            || name.contains("_PORT_")
    }
}
