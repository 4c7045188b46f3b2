import ArgumentParser
import DevStack

extension DevCommand {
    /// `shopctl dev env`
    struct DevEnv: ShopctlCommand {
        static let configuration = CommandConfiguration(
            commandName: "env",
            abstract: "Print the variables that point a shell at a private shop.",
            discussion: """
                For POSIX shells. Holds the passwords of the private servers. Besides the settings of shopctl there \
                are SHOPCTL_GATEWAY_URL and SHOPCTL_ADMIN_URL, for curl.

                EXAMPLES:
                  eval "$(shopctl dev env)"
                  eval "$(shopctl dev env)" && psql "$SHOPCTL_ORDERS_DATABASE_URL"
                """)

        @OptionGroup var stack: StackOption

        func run(_ context: CommandContext) async throws {
            let directory = try stack.directory(context)
            let state = try DevStack.state(directory: directory)
            guard DevStack.isOwned(directory: directory), state.phase == .running else {
                throw CommandFailure(.notFound, "no private shop runs on \(directory)", hint: "shopctl dev up")
            }
            for (name, value) in state.environment.sorted(by: { $0.key < $1.key }) {
                context.print("export \(name)=\(ShellText.quoted(value))")
            }
        }
    }
}

/// Text as a POSIX shell takes it whatever it holds.
enum ShellText {
    static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
