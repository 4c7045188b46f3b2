import ArgumentParser
import DevStack

extension DevCommand {
    /// `shopctl dev env`
    struct DevEnv: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "env",
            abstract: "Print the variables that point a shell at a private shop.",
            discussion: """
                For POSIX shells, also for bare servers ('dev up --only-servers'): 'migrate up' then makes the schemas. \
                Holds the passwords of the private servers. Besides the settings of shopctl there \
                are SHOPCTL_GATEWAY_URL and SHOPCTL_ADMIN_URL, for curl, and what 'dev up' was given by --set, flags and \
                --config: commands judge by the settings that the servers have. With -o json the variables are an \
                object of names and values. The last line is a comment that says which shop it is.

                EXAMPLES:
                  eval "$(shopctl dev env)"
                  eval "$(shopctl dev env)" && psql "$SHOPCTL_ORDERS_DATABASE_URL"
                  shopctl dev env -o json | jq -r .variables.SHOPCTL_GATEWAY_URL
                """)

        @OptionGroup var stack: StackOption
        @OptionGroup var output: OutputOptions

        func run(_ context: CommandContext) async throws {
            let directory = try stack.directory(context)
            let state = try DevStack.state(directory: directory)
            guard DevStack.isOwned(directory: directory), state.phase == .running else {
                throw CommandFailure(.notFound, "no private shop runs on \(directory)", hint: "shopctl dev up")
            }
            try output.write(ShopVariables(directory: state.directory, values: state.environment), context)
        }
    }
}

/// The variables that point a shell at a shop; for people as the shell reads them.
struct ShopVariables: Report {
    /// That of the shop.
    let directory: String
    let values: [String: String]

    private var sorted: [(key: String, value: String)] { values.sorted { $0.key < $1.key } }

    var body: ReportBody {
        var variables = OutputRecord()
        for (name, value) in sorted { variables.members.append(.init(name: name, value: .text(value))) }
        return .one(["variables": .record(variables)])
    }

    func table(_ style: TextStyle) -> String {
        // The comment is last: a shell that is given all as one line passes over what follows it.
        sorted.map { "export \($0.key)=\(ShellText.quoted($0.value))\n" }.joined()
            + "# the private shop on \(Printable.line(directory)); for another: --data-dir\n"
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
