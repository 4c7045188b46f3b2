import ArgumentParser
import DevStack

extension DevCommand {
    /// `shopctl dev env`
    struct DevEnv: ShopctlCommand {
        static let configuration = CommandConfiguration(
            commandName: "env",
            abstract: "Print the variables that point a shell at a private shop.",
            discussion: """
                For POSIX shells, also for bare servers ('dev up --only-servers'): 'migrate up' then makes the schemas. \
                Holds the passwords of the private servers. Besides the settings of shopctl there \
                are SHOPCTL_GATEWAY_URL and SHOPCTL_ADMIN_URL, for curl, and what 'dev up' was given by --set, flags and \
                --config: commands judge by the settings that the servers have.

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
                try context.print("export \(name)=\(ShellText.quoted(value))")
            }
        }
    }
}

/// Text as a POSIX shell takes it whatever it holds.
enum ShellText {
    /// Quoted only if it has to be.
    static func word(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            (97...122).contains(byte | 0x20) || (48...57).contains(byte) || "/._-".utf8.contains(byte)
        }
        return isPlain && !text.isEmpty ? text : quoted(text)
    }

    static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
