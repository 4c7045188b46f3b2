import ArgumentParser
import FoundationEssentials
import Sagas
import ShopContracts

extension SagaCommand {
    /// `shopctl saga resolve`
    struct SagaResolve: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "resolve",
            abstract: "Break glass: mark a participant's part in a decided saga as carried out.",
            discussion: """
                For a saga that can never end by itself: it is decided, and the report of a participant is missing for \
                good, its record lost say. The saga goes on as if the participant had reported. NOTHING is done for \
                the participant: stock, money and marks have to be put right by hand. It cannot be taken back.

                Refused (exit status 65) while the saga is undecided, for a participant that has reported, and where \
                the participant's own record says that it has not carried the decision out: then its message has only \
                to reach it, by 'saga retry' or 'queue replay'. If its database does not answer a warning says that \
                there is no evidence. The reason is kept in the saga's timeline and in the audit trail.

                Which: one saga by its name, or all decided ones that wait for the participant and that the options \
                choose. What is done is typed at a terminal, as --yes-i-mean in scripts: the saga's whole id; of \
                a query the participant and how many, as in reviews:3.

                EXAMPLES:
                  shopctl saga inspect 1
                  shopctl saga resolve product:2 --participant reviews \\
                    --reason lost --dry-run
                  shopctl saga resolve product:2 --participant reviews --reason lost \\
                    --yes-i-mean 7f9c24e8-3b12-4fef-91e0-56a2d3c1b0aa
                  shopctl saga resolve --stuck-for 1h --participant reviews \\
                    --reason lost --limit 10 --dry-run
                """)

        private static let participants = Set(SagaDefinition.all.flatMap(\.participants)).sorted()

        @OptionGroup var choice: SagaChoiceOptions
        @Option(
            help: ArgumentHelp("Whose part: \(Self.participants.joined(separator: ", ")).", valueName: "service"),
            completion: .list(Self.participants))
        var participant: String
        @Option(help: ArgumentHelp("Why, for the audit trail and the saga's timeline.", valueName: "text"))
        var reason: String
        @Option(
            help: ArgumentHelp(
                "The saga's whole id, or SERVICE:COUNT of a query, instead of typing it.", valueName: "what"))
        var yesIMean: String?
        @Flag(help: "Only show what would be done, with the same checks.")
        var dryRun = false
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func validate() throws {
            try ReasonText.check(reason)
            try choice.checkNamed()
            guard choice.subject == nil else { return }
            guard Self.participants.contains(participant) else {
                throw ValidationError(
                    "no saga has a participant '\(participant)': \(Self.participants.joined(separator: ", "))")
            }
            guard (choice.query.step?.filter.participant ?? participant) == participant else {
                throw ValidationError("--step is of another participant than --participant")
            }
        }

        func run(_ context: CommandContext) async throws {
            let sources = SagaSources(configuration: try settings.begin(context))
            guard let subject = choice.subject else { return try await resolveAll(sources, context) }
            let report = try await sources.find(subject, context) { id, reader in
                guard let saga = try await reader.saga(id) else {
                    throw CommandFailure(.notFound, subject.notFound, code: .sagaMissing)
                }
                let evidence = try await sources.evidence(of: [saga], participant, reader, context)[id] ?? .none
                let resolve = deed(evidence, isDryRun: dryRun)
                _ = try await sources.controlling(reader) { control in
                    // Whatever stands against it is told before anything has to be typed.
                    if !dryRun {
                        _ = try await deed(evidence, isDryRun: true).perform(on: saga, control)
                        try confirm(saga, context)
                    }
                    return try await resolve.perform(on: saga, control)
                }
                return ResolvedSaga(
                    saga: try await reader.saga(id) ?? saga, participant: participant, evidence: evidence,
                    reason: reason, isDryRun: dryRun)
            }
            try output.write(report, context, deed: dryRun ? nil : "the part of \(participant) is resolved")
        }

        /// The command that tells whether a part whose record is lost may be resolved, and how.
        static func rehearsal(of saga: UUID, _ participant: String) -> String {
            command(saga, participant, reason: "its record is lost") + " --dry-run"
        }

        /// The command without its confirmation.
        static func command(_ saga: UUID, _ participant: String, reason: String) -> String {
            "shopctl saga resolve \(saga.uuidString.lowercased()) --participant \(ShellText.word(participant)) "
                + "--reason \(ShellText.word(reason))"
        }

        private func confirm(_ saga: SagaRecord, _ context: CommandContext) throws {
            let id = saga.id.uuidString.lowercased()
            let typed = typed(
                "the part of \(participant) in \(saga.name) of \(saga.subjectText) will count as carried out, and "
                    + "nothing is done for it; type the saga's whole id: ", context)
            guard typed?.lowercased() == id else {
                throw CommandFailure(
                    .usage,
                    typed == nil
                        ? "this cannot be taken back: type the saga's whole id"
                        : "that is not the whole id of this saga",
                    hint: "\(Self.command(saga.id, participant, reason: reason)) --yes-i-mean \(id)", object: id)
            }
        }

        /// The confirmation as the command line has it, else as somebody types it at a terminal; nil for none.
        func typed(_ question: String, _ context: CommandContext) -> String? {
            guard yesIMean == nil, context.isInputTerminal else { return yesIMean }
            context.standardError(Printable.lines(question))
            return context.readLine()
        }

        func deed(_ evidence: SagaResolution.Evidence, isDryRun: Bool) -> SagaDeed {
            let (participant, reason) = (participant, reason)
            return SagaDeed(
                name: "resolve", text: SagaResolution.text(participant), reason: reason, isDryRun: isDryRun
            ) { saga, control, work in
                let coordinator = try control.coordinator(of: saga)
                let objection = try await coordinator.resolve(
                    saga.id, participant: participant, evidence, in: work)
                if let objection { throw Self.failure(objection, participant, saga, reason) }
                return true
            }
        }

        private static func failure(
            _ objection: SagaResolution.Objection, _ participant: String, _ saga: SagaRecord, _ reason: String
        ) -> CommandFailure {
            let id = saga.id.uuidString.lowercased()
            switch objection {
            case .notAParticipant:
                return CommandFailure(
                    .notFound, "\(participant) takes no part in it", hint: "shopctl saga inspect \(id)",
                    code: .participantMissing, object: id)
            case .over:
                return CommandFailure(
                    .badData, "the saga is over: there is nothing to resolve", code: .sagaOver, object: id)
            case .undecided:
                return CommandFailure(
                    .badData, "the saga is undecided: nothing is to be carried out yet",
                    hint: "shopctl saga cancel \(id) --reason \(ShellText.word(reason))", code: .sagaUndecided,
                    object: id)
            case .reported:
                return CommandFailure(
                    .badData, "\(participant) has reported that it has carried the decision out",
                    hint: "shopctl saga inspect \(id)", code: .partReported, object: id)
            case .contradicted(let word):
                return CommandFailure(
                    .badData, "the record of \(participant) says otherwise: its part is \(word)",
                    hint: "shopctl saga retry \(id)", code: .evidenceContradicts, object: id)
            }
        }
    }
}
