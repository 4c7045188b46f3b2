import ArgumentParser
import Events
import FoundationEssentials
import Sagas
import ShopContracts

extension SagaCommand {
    /// `shopctl saga cancel`
    struct SagaCancel: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "cancel",
            abstract: "Decide against sagas that are not decided yet.",
            discussion: """
                Decides as the coordinator does at a deadline: under the lock of the saga's row, with what follows from \
                it. An order that is being placed is rejected, one that is being cancelled stays confirmed, a product \
                that is being deleted is on sale again; participants take back what they have done as soon as their \
                coordinator runs. What is decided stays decided (exit status 65): a confirmed order is called off by \
                its own cancellation.

                Which: one by its name, or all undecided ones that the options choose. The reason is kept in the saga's \
                timeline and in the audit trail; customers are told that the shop has called it off.

                EXAMPLES:
                  shopctl saga cancel 1 --reason "the buyer's bank is closed"
                  shopctl saga cancel product:2 --reason "sold after all"
                  shopctl saga cancel --stuck-for 10m --reason outage --dry-run
                  shopctl saga cancel --stuck-for 10m --reason outage --yes
                """)

        @OptionGroup var choice: SagaDeedOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func validate() throws {
            try choice.checkChoice("cancel")
            guard choice.reason != nil else { throw ValidationError("--reason is missing: why, for the audit trail") }
        }

        func run(_ context: CommandContext) async throws {
            let sources = SagaSources(configuration: try settings.begin(context))
            let deed = SagaDeed(
                name: "cancel", text: "an operator cancelled it", reason: choice.reason, isDryRun: choice.dryRun
            ) { saga, control, work in
                let coordinator = try control.coordinator(of: saga)
                guard try await coordinator.abort(saga.id, refusal: .cancelledByOperator, in: work) else {
                    return false
                }
                // Its coordinator tells the participants at its next attempt.
                _ = try await SagaReader.retry(saga.id, in: work.transaction)
                return true
            }
            guard let subject = choice.subject else {
                let outcome = try await choice.perform(deed, sources, context) { $0.isUndecided = true }
                try write(outcome.sagas, context)
                return try outcome.conclude("cancelled", .sagaDecided, context)
            }
            let (saga, isDone) = try await sources.perform(deed, on: subject, context)
            guard isDone else {
                let id = saga.id.uuidString.lowercased()
                throw CommandFailure(
                    .badData,
                    "the saga is decided, and that stays: \(saga.phase.decision?.rawValue ?? saga.phase.rawValue)",
                    hint: "shopctl saga inspect \(id)", code: .sagaDecided, object: id)
            }
            try write([(saga, true)], context)
        }

        private func write(_ sagas: [(saga: SagaRecord, isDone: Bool)], _ context: CommandContext) throws {
            let report = CancelledSagas(sagas: sagas, isDryRun: choice.dryRun)
            let count = sagas.count { $0.isDone }
            try output.write(report, context, deed: choice.dryRun ? nil : "\(count) sagas are cancelled")
        }
    }
}

extension SagaRefusal {
    /// The refusal of a saga that an operator has cancelled.
    static let cancelledByOperator = SagaRefusal(code: "cancelled_by_operator", message: "the shop called this off")
}

/// The sagas that were decided against.
struct CancelledSagas: Report {
    let sagas: [(saga: SagaRecord, isDone: Bool)]
    let isDryRun: Bool

    var body: ReportBody {
        .many(
            "sagas",
            sagas.map { saga, isDone in
                [
                    "id": .text(saga.id.uuidString.lowercased()), "name": .text(saga.name),
                    "subject_id": .integer(saga.subjectID), "subject_kind": .optional(saga.subject?.kind.rawValue),
                    "outcome": .text(isDone ? (isDryRun ? "would_be_cancelled" : "cancelled") : "decided"),
                ]
            })
    }

    func table(_ style: TextStyle) -> String {
        guard !sagas.isEmpty else { return "no such saga is undecided\n" }
        return sagas.map { saga, isDone in
            let word = isDone ? (isDryRun ? "would be cancelled" : "cancelled") : "decided meanwhile"
            return "\(word): \(saga.id.uuidString.lowercased())  \(saga.name) of \(saga.subjectText)\n"
        }.joined()
    }
}
