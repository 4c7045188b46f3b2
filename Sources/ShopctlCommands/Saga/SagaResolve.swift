import ArgumentParser
import Events
import FoundationEssentials
import Hosting
import Postgres
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

                EXAMPLES:
                  shopctl saga inspect 1
                  shopctl saga resolve product:2 --participant reviews \\
                    --reason lost --dry-run
                  shopctl saga resolve product:2 --participant reviews --reason lost \\
                    --yes-i-mean 7f9c24e8-3b12-4fef-91e0-56a2d3c1b0aa
                """)

        private static let participants = Set(SagaDefinition.all.flatMap(\.participants)).sorted()

        @Argument(help: SagaArgument.help, completion: LiveNames.openSagas.completion)
        var subject: SagaArgument
        @Option(
            help: ArgumentHelp("Whose part: \(Self.participants.joined(separator: ", ")).", valueName: "service"),
            completion: .list(Self.participants))
        var participant: String
        @Option(help: ArgumentHelp("Why, for the audit trail and the saga's timeline.", valueName: "text"))
        var reason: String
        @Option(help: ArgumentHelp("The saga's whole id, typed: that one and no other.", valueName: "saga-id"))
        var yesIMean: String?
        @Flag(help: "Only show what would be done, with the same checks.")
        var dryRun = false
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func validate() throws { try ReasonText.check(reason) }

        func run(_ context: CommandContext) async throws {
            let sources = SagaSources(configuration: try settings.begin(context))
            let report = try await sources.find(subject, context) { id, reader in
                guard let saga = try await reader.saga(id) else {
                    throw CommandFailure(.notFound, subject.notFound, code: .sagaMissing)
                }
                let evidence = try await sources.evidence(of: saga, participant, reader, context)
                let resolve = deed(evidence)
                _ = try await sources.controlling(reader) { control in
                    // Whatever stands against it is told before anything has to be typed.
                    if !dryRun { try await check(saga, evidence, control) }
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
        fileprivate static func command(_ saga: UUID, _ participant: String, reason: String) -> String {
            "shopctl saga resolve \(saga.uuidString.lowercased()) --participant \(ShellText.word(participant)) "
                + "--reason \(ShellText.word(reason))"
        }

        private func check(
            _ saga: SagaRecord, _ evidence: SagaResolution.Evidence, _ control: SagaControl
        ) async throws {
            var rehearsal = deed(evidence)
            rehearsal.isDryRun = true
            _ = try await rehearsal.perform(on: saga, control)
            let id = saga.id.uuidString.lowercased()
            guard yesIMean?.lowercased() == id else {
                throw CommandFailure(
                    .usage,
                    yesIMean == nil
                        ? "this cannot be taken back: type the saga's whole id" : "--yes-i-mean names another saga",
                    hint: "\(Self.command(saga.id, participant, reason: reason)) --yes-i-mean \(id)", object: id)
            }
        }

        private func deed(_ evidence: SagaResolution.Evidence) -> SagaDeed {
            let (participant, reason) = (participant, reason)
            return SagaDeed(
                name: "resolve", text: SagaResolution.text(participant), reason: reason, isDryRun: dryRun
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

extension SagaSources {
    /// A participant's own record of its part.
    ///
    /// - Throws: ``CommandFailure`` if its database is not set: then nobody has tried to ask it.
    fileprivate func evidence(
        of saga: SagaRecord, _ participant: String, _ reader: SagaReader, _ context: CommandContext
    ) async throws -> SagaResolution.Evidence {
        guard let role = Role(rawValue: participant) else { return .unknown }
        let roles = Set([role, Role(rawValue: reader.coordinator)].compactMap { $0 })
        let settings: PostgresConfiguration
        do {
            settings = try configuration.database(of: role, among: roles)
        } catch {
            let told = Diagnosis(error)
            throw CommandFailure(told.status, told.message, hint: told.hint, code: told.code)
        }
        do {
            let branch = try await Self.withClient(settings) { client in
                try await SagaReader.branch(of: saga.id, participant: participant, in: client)
            }
            return branch.map { .recorded($0.state) } ?? .none
        } catch let error as PostgresError {
            context.warn("not asked: \(participant): \(Self.reason(error)): there is no evidence of its part")
            return .unknown
        }
    }
}

/// A part that counts as carried out.
struct ResolvedSaga: Report {
    /// As it stands now.
    let saga: SagaRecord
    let participant: String
    let evidence: SagaResolution.Evidence
    let reason: String
    let isDryRun: Bool

    private var evidenceWord: String {
        switch evidence {
        case .unknown: "unknown"
        case .none: "none"
        case .recorded(let state): state?.word ?? "undecided"
        }
    }

    var schemaVersion: Int64 { 2 }
    var body: ReportBody {
        .one([
            "saga_id": .text(saga.id.uuidString.lowercased()),
            "participant": .text(participant),
            "decision": .optional(saga.phase.decision?.rawValue),
            "evidence": .text(evidenceWord),
            "reason": .text(reason),
            "dry_run": .bool(isDryRun),
            "state": .text(saga.phase.rawValue),
            "waits_for": .texts(saga.waitsFor),
        ])
    }

    func table(_ style: TextStyle) -> String {
        let id = saga.id.uuidString.lowercased()
        let part = "the part of \(Printable.line(participant)) in \(saga.name) of \(saga.subjectText)"
        let rest = saga.waitsFor.isEmpty ? "nothing" : saga.waitsFor.joined(separator: " and ")
        return isDryRun
            ? "would be marked as carried out: \(part) (\(id)); its own record: \(evidenceWord)\n"
                + "\(style.bold("next")): "
                + "\(SagaCommand.SagaResolve.command(saga.id, participant, reason: reason)) --yes-i-mean \(id)\n"
            : "marked as carried out: \(part) (\(id)); its own record: \(evidenceWord)\n"
                + "the saga is \(style.bold(saga.phase.rawValue)), and waits for \(rest)\n"
    }
}
