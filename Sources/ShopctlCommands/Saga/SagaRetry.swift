import ArgumentParser
import FoundationEssentials
import Sagas

extension SagaCommand {
    /// `shopctl saga retry`
    struct SagaRetry: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "retry",
            abstract: "Have a saga's coordinator ask again, now.",
            discussion: """
                Makes the saga due: within a second the coordinator sends again what it waits for an answer to. That \
                is always safe, since every message is handled once however often it comes. The saga's timeline says \
                that an operator did it. A saga that is over is left alone (exit status 65).

                EXAMPLES:
                  shopctl saga retry 42
                  shopctl saga retry product:7
                  shopctl saga retry --all-stuck --dry-run
                  shopctl saga retry --all-stuck
                """)

        @Argument(help: SagaArgument.help)
        var subject: SagaArgument?
        @Flag(help: "Every saga that is stuck.")
        var allStuck = false
        @Flag(help: "Only show which would be made due.")
        var dryRun = false
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func validate() throws {
            guard (subject != nil) != allStuck else {
                throw ValidationError("name a saga, an order or a product, or say --all-stuck")
            }
        }

        func run(_ context: CommandContext) async throws {
            let sources = SagaSources(configuration: try settings.begin(context))
            guard let subject else {
                let (ids, isComplete) = try await sources.all(SagaSources.coordinators, context) { reader, _ in
                    try await due(nil, reader)
                }
                try write(ids, context)
                if !isComplete { throw CommandFailure(.partial, "not all databases could be asked") }
                return
            }
            let ids = try await sources.find(subject, context) { id, reader in
                let retried = try await due(id, reader)
                guard !retried.isEmpty else {
                    throw CommandFailure(
                        .badData, "the saga is over: there is nothing to retry", code: .sagaOver,
                        object: id.uuidString.lowercased())
                }
                return retried
            }
            try write(ids, context)
        }

        private func due(_ id: UUID?, _ reader: SagaReader) async throws -> [UUID] {
            try await dryRun ? reader.retryable(id) : reader.retry(id)
        }

        private func write(_ ids: [UUID], _ context: CommandContext) throws {
            try output.write(
                RetriedSagas(ids: ids, isDryRun: dryRun), context,
                deed: dryRun ? nil : "\(ids.count) sagas are due now")
        }
    }
}

/// The sagas that were made due.
struct RetriedSagas: Report {
    let ids: [UUID]
    let isDryRun: Bool

    var body: ReportBody {
        .many("sagas", ids.map { ["id": .text($0.uuidString.lowercased()), "due": .bool(!isDryRun)] })
    }

    func table(_ style: TextStyle) -> String {
        let word = isDryRun ? "would be due" : "due now"
        return ids.isEmpty ? "no saga is stuck\n" : ids.map { "\(word): \($0.uuidString.lowercased())\n" }.joined()
    }
}
