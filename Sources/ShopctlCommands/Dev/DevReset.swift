import ArgumentParser
import DevStack
import Glibc

extension DevCommand {
    /// `shopctl dev reset`
    struct DevReset: ShopctlCommand {
        static let configuration = CommandConfiguration(
            commandName: "reset",
            abstract: "Delete the data of a private shop that is stopped.",
            discussion: """
                Databases, queues, logs, passwords and signing keys: the next 'dev up' begins anew. Refuses while the \
                shop runs.

                EXAMPLES:
                  shopctl dev reset
                  shopctl dev down && shopctl dev reset
                """)

        @OptionGroup var stack: StackOption

        func run(_ context: CommandContext) async throws {
            // Not the only ephemeral one: that deletes itself.
            let directory = stack.dataDir ?? StackOption.usual(context)
            try await DevStack.reset(directory: directory)
            unlink(DevShop.keysFile(directory))
            context.note("deleted the data of \(directory)")
        }
    }
}
