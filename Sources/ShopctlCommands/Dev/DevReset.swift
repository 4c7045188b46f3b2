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
                shop runs. The directory and its lock file stay.

                EXAMPLES:
                  shopctl dev reset
                  shopctl dev down && shopctl dev reset
                """)

        @OptionGroup var stack: StackOption

        func run(_ context: CommandContext) async throws {
            let directory = stack.stoppedDirectory(context)
            try await DevStack.reset(directory: directory)
            for file in [DevShop.keysFile(directory), DemoPassword.path(in: directory)] { unlink(file) }
            context.note("deleted the data of \(directory)")
        }
    }
}
