import ArgumentParser
import FoundationEssentials
import Sagas

extension SagaCommand {
    /// `shopctl saga retry`
    struct SagaRetry: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "retry",
            abstract: "Have coordinators ask again, now.",
            discussion: """
                Makes sagas due: within a second the coordinator sends again what it waits for an answer to. That is \
                always safe, since every message is handled once however often it comes. Timeline and audit trail say \
                that an operator did it. A saga that is over is left alone (exit status 65).

                Which: one by its name, or all that the options choose, of those that are not over.

                EXAMPLES:
                  shopctl saga retry 1
                  shopctl saga retry product:2 --reason "the disk is full no more"
                  shopctl saga retry --all-stuck --dry-run
                  shopctl saga retry --all-stuck
                  shopctl saga retry --step confirm:customers --limit 100 --yes
                  shopctl saga retry --having-reason 42501 --stuck-for 5m --yes
                """)

        @OptionGroup var choice: SagaDeedOptions
        @Flag(help: "Every saga that is stuck: --state stuck --yes.")
        var allStuck = false
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func validate() throws {
            guard allStuck else { return try choice.checkChoice("retry") }
            guard choice.subject == nil, choice.query.state == nil else {
                throw ValidationError("--all-stuck says which: leave the saga, or --state, out")
            }
        }

        func run(_ context: CommandContext) async throws {
            let sources = SagaSources(configuration: try settings.begin(context))
            let deed = SagaDeed.retry(reason: choice.reason, isDryRun: choice.dryRun)
            guard let subject = choice.subject else {
                let outcome = try await choice.perform(deed, sources, context) { selection in
                    if allStuck { selection.filter = .stuck }
                }
                try write(outcome.sagas.filter(\.isDone).map(\.saga.id), context)
                return try outcome.conclude("made due", .sagaOver, context)
            }
            let (saga, isDone) = try await sources.perform(deed, on: subject, context)
            guard isDone else { throw SagaDeed.nothingToRetry(saga) }
            try write([saga.id], context)
        }

        private func write(_ ids: [UUID], _ context: CommandContext) throws {
            try output.write(
                RetriedSagas(ids: ids, isDryRun: choice.dryRun, none: allStuck ? "no saga is stuck" : nil), context,
                deed: choice.dryRun ? nil : "\(ids.count) sagas are due now")
        }
    }
}

/// The sagas that were made due.
struct RetriedSagas: Report {
    let ids: [UUID]
    let isDryRun: Bool
    /// The reason why there are none, where that is known.
    var none: String?

    var body: ReportBody {
        .many("sagas", ids.map { ["id": .text($0.uuidString.lowercased()), "due": .bool(!isDryRun)] })
    }

    func table(_ style: TextStyle) -> String {
        let word = isDryRun ? "would be due" : "due now"
        return ids.isEmpty
            ? "\(none ?? "no such saga is open"): nothing to retry\n"
            : ids.map { "\(word): \($0.uuidString.lowercased())\n" }.joined()
    }
}
