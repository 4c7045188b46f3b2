import ArgumentParser
import Hosting

extension ShopCommand {
    /// `shopctl shop seed`
    struct ShopSeed: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "seed",
            abstract: "Fill a running shop with a demonstration: catalogue, people, orders.",
            discussion: """
                Sellers with products, buyers with money, favourites and carts, orders that end confirmed, and \
                reviews. All is done as people do it: accounts by the gateway (SHOPCTL_GATEWAY_URL), the rest by \
                gRPC with tokens of the shop's keys; the audit trail calls it an operator's doing. A seed is the same \
                demonstration every time: the same names, prices and amounts; a larger size begins with all of a \
                smaller one. It may be run again: who and what is there is used, and only what is missing is done.

                All people have one password, which is in a file and is never printed. A file that is not there is \
                made with a random one, for its owner only; by default it is demo-password in the directory of the \
                private shop that the shell is pointed at. Exit status 3: not all orders ended confirmed.

                EXAMPLES:
                  shopctl shop seed --dry-run
                  shopctl shop seed
                  shopctl shop seed --size medium --seed 7
                  shopctl shop seed --seed 3 --password-file ~/demo-password
                  shopctl shop seed -o json | jq -r '.people[].email'
                """)

        @Option(
            help: ArgumentHelp(
                "How many products and orders: small (\(Size.small)), medium (\(Size.medium)), or a number.",
                valueName: "size"))
        var size = Size(count: Size.small)
        @Option(help: ArgumentHelp("Which demonstration.", valueName: "number"))
        var seed: UInt32 = 1
        @Option(help: ArgumentHelp("The file of the people's password.", valueName: "file"), completion: .file())
        var passwordFile: String?
        @Option(help: ArgumentHelp("Where the gateway is (default: SHOPCTL_GATEWAY_URL).", valueName: "url"))
        var gatewayURL: String?
        @Flag(help: "Only make the checks, and show how much there would be, and is there.")
        var dryRun = false
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        /// The argument of `--size`.
        struct Size: ExpressibleByArgument, Sendable, CustomStringConvertible {
            static let small = 24
            static let medium = 240

            let count: Int

            init(count: Int) { self.count = count }

            init?(argument: String) {
                switch argument {
                case "small": count = Self.small
                case "medium": count = Self.medium
                default:
                    guard let number = Int(argument) else { return nil }
                    count = number
                }
            }

            static var allValueStrings: [String] { ["small", "medium"] }
            static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }

            var description: String { count == Self.small ? "small" : "\(count)" }
            var defaultValueDescription: String { description }
        }

        func validate() throws {
            guard DemoPlan.sizes.contains(size.count) else {
                throw ValidationError(
                    "--size must be \(DemoPlan.sizes.lowerBound) to \(DemoPlan.sizes.upperBound), small or medium")
            }
        }

        func run(_ context: CommandContext) async throws {
            let configuration = try settings.begin(context)
            let gateway = try gateway(context)
            let addresses = Role.servers.map { ($0, configuration.addresses(of: $0)) }
            let seeding = DemoSeeding(
                plan: DemoPlan(seed: UInt64(seed), size: size.count), configuration: configuration, gateway: gateway,
                addresses: Dictionary(uniqueKeysWithValues: addresses), passwordFile: try passwordPath(context))
            let showingProgress = !output.quiet && !output.output.isForPrograms
            if dryRun {
                let rehearsal = try await seeding.rehearse(showingProgress: showingProgress, context)
                return try output.write(rehearsal, context)
            }
            let report = try await seeding.run(showingProgress: showingProgress, context)
            try output.write(report, context, deed: "the demonstration is there")
            let (open, rejected) = (report.outcome.open, report.outcome.rejected)
            if open > 0 {
                throw CommandFailure(
                    .tryAgain, "\(open) orders are not settled yet", hint: "shopctl order list --state open",
                    code: .demoIncomplete)
            }
            if rejected > 0 {
                throw CommandFailure(
                    .partial, "\(rejected) orders were rejected", hint: "shopctl order list --state rejected",
                    code: .demoIncomplete)
            }
        }

        private func gateway(_ context: CommandContext) throws -> String {
            guard var url = gatewayURL ?? context.environment["SHOPCTL_GATEWAY_URL"], !url.isEmpty else {
                throw CommandFailure(
                    .badConfiguration, "nothing says where the gateway is: SHOPCTL_GATEWAY_URL is not set",
                    hint: ContextChoice.hint + ", or --gateway-url http://127.0.0.1:8080")
            }
            while url.hasSuffix("/") { url.removeLast() }
            guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
                throw CommandFailure(
                    .badConfiguration, "the gateway's URL must begin with http:// or https://", object: url)
            }
            return url
        }

        private func passwordPath(_ context: CommandContext) throws -> String {
            if let passwordFile { return passwordFile }
            guard let directory = context.environment[StackOption.variable], !directory.isEmpty else {
                throw CommandFailure(
                    .usage, "say where the people's password is, or is to be written: --password-file",
                    hint: "shopctl shop seed --password-file demo-password", code: .demoPassword)
            }
            return DemoPassword.path(in: directory)
        }
    }
}
