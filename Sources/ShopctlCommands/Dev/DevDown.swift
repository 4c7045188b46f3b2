import ArgumentParser
import DevStack

extension DevCommand {
    /// `shopctl dev down`
    struct DevDown: ShopctlCommand {
        static let configuration = CommandConfiguration(
            commandName: "down",
            abstract: "Stop a private shop that runs elsewhere.",
            discussion: """
                Tells the 'dev up' that owns it to stop, and waits until everything has ended. What one that was \
                killed has left is ended too. Data is kept, except that of an ephemeral shop.

                EXAMPLES:
                  shopctl dev down
                  shopctl dev down --data-dir ~/shop
                """)

        @OptionGroup var stack: StackOption

        func run(_ context: CommandContext) async throws {
            let directory = try stack.directory(context)
            let stopped = try await DevStack.down(directory: directory)
            context.note(stopped ? "stopped \(directory)" : "nothing was running on \(directory)")
        }
    }
}
