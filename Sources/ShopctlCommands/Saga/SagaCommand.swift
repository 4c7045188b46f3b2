import ArgumentParser

/// `shopctl saga`
struct SagaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "saga",
        abstract: "See how far orders and deletions have come, and help those that are stuck.",
        discussion: """
            Orders coordinates the sagas about orders, products those about products that are deleted. Reads the \
            services' databases and the broker's queues directly: it works while every server of the shop is down, \
            and tells what it could not ask.

            EXAMPLES:
              shopctl saga list --state stuck
              shopctl saga inspect 1
              shopctl saga inspect product:2
              shopctl saga retry --all-stuck
              shopctl saga cancel 1 --reason "the buyer asked for it"
            """,
        subcommands: [SagaList.self, SagaInspect.self, SagaRetry.self, SagaCancel.self, SagaResolve.self])
}
