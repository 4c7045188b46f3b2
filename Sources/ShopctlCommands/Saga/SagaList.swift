import ArgumentParser
import FoundationEssentials
import Hosting
import Sagas
import ShopContracts

extension SagaCommand {
    /// What `--state` takes.
    struct StateArgument: ExpressibleByArgument, Sendable {
        let filter: SagaFilter

        init?(argument: String) {
            switch argument {
            case "open": filter = .open
            case "stuck": filter = .stuck
            case "all": filter = .all
            default:
                guard let phase = SagaState.Phase(rawValue: argument) else { return nil }
                filter = .phase(phase)
            }
        }

        static var allValueStrings: [String] { ["open", "stuck", "all"] + SagaState.Phase.allCases.map(\.rawValue) }
    }

    /// What `--saga` takes.
    struct NameArgument: ExpressibleByArgument, Sendable {
        let definition: SagaDefinition

        init?(argument: String) {
            guard let found = SagaDefinition.all.first(where: { $0.name == argument }) else { return nil }
            definition = found
        }

        static var allValueStrings: [String] { SagaDefinition.all.map(\.name) }
    }

    /// `shopctl saga list`
    struct SagaList: ShopctlCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List sagas, the youngest first.",
            discussion: """
                Open sagas are those that are not over yet; stuck ones have not been carried out after many tries. \
                Lists those about orders and those about products; a database that is not set is left out, with a \
                note, and one that does not answer, too (exit status 3).

                EXAMPLES:
                  shopctl saga list
                  shopctl saga list --state stuck
                  shopctl saga list --saga product-deletion --state all
                  shopctl saga list --state all --limit 1000 -o jsonl
                """)

        @Option(
            help: ArgumentHelp(
                "Which: \(StateArgument.allValueStrings.joined(separator: ", ")) (default: open).", valueName: "state"))
        var state: StateArgument?
        @Option(
            help: ArgumentHelp(
                "Only one kind: \(NameArgument.allValueStrings.joined(separator: ", ")).", valueName: "name"))
        var saga: NameArgument?
        @Option(help: ArgumentHelp("How many at most.", valueName: "count"))
        var limit = 50
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func validate() throws {
            guard (1...100_000).contains(limit) else { throw ValidationError("--limit must be 1 to 100000") }
        }

        func run(_ context: CommandContext) async throws {
            let sources = SagaSources(configuration: try settings.begin(context))
            let coordinators = SagaSources.coordinators.filter { role in
                saga.map { $0.definition.coordinator == role.rawValue } ?? true
            }
            let (found, isComplete) = try await sources.all(coordinators, context) { reader in
                try await reader.list(state?.filter ?? .open, name: saga?.definition.name, limit: limit)
            }
            let sagas = found.sorted { $0.startedAt > $1.startedAt }.prefix(limit)
            try output.write(SagaListing(sagas: Array(sagas), now: context.now()), context)
            if !isComplete { throw CommandFailure(.partial) }
        }
    }
}

/// Sagas, a line each.
struct SagaListing: Report {
    let sagas: [SagaRecord]
    let now: Date

    var body: ReportBody { .many("sagas", sagas.map(\.output)) }

    func table(_ style: TextStyle) -> String {
        var table = Table([
            .left("SAGA"), .left("NAME"), .left("SUBJECT"), .left("PHASE"), .left("STARTED"), .right("AGE"),
            .right("RESENDS"), .left("NOTE"),
        ])
        for saga in sagas {
            let note = saga.stuckSince.map { "stuck since \(Timestamp.text($0))" } ?? saga.refusal?.code ?? ""
            let end = saga.finishedAt ?? now
            table.add([
                .plain(saga.id.uuidString.lowercased()), .plain(saga.name), .plain(saga.subjectText),
                .styled(saga.phase.rawValue, saga.phase.emphasis), .plain(Timestamp.text(saga.startedAt)),
                .plain(Timestamp.span(max(0, end.timeIntervalSince(saga.startedAt)))), .plain(String(saga.resends)),
                .styled(note, saga.stuckSince == nil ? .none : .red),
            ])
        }
        return table.text(style)
    }
}

extension SagaState.Phase {
    var emphasis: Emphasis {
        switch self {
        case .confirmed: .green
        case .cancelled: .dim
        case .trying, .confirming, .cancelling: .yellow
        }
    }
}

extension SagaRecord {
    /// The saga as results show it.
    var output: OutputRecord {
        [
            "id": .text(id.uuidString.lowercased()),
            "name": .text(name),
            "subject_id": .integer(subjectID),
            "subject_kind": .optional(subject?.kind.rawValue),
            "phase": .text(phase.rawValue),
            "stuck": .bool(stuckSince != nil),
            "refusal": .optional(
                refusal.map { refusal -> OutputRecord in
                    ["code": .text(refusal.code), "message": .text(refusal.message)]
                }),
            "resends": .count(resends),
            "started_at": Timestamp.value(startedAt),
            "deadline_at": Timestamp.value(deadlineAt),
            "decided_at": Timestamp.value(decidedAt),
            "finished_at": Timestamp.value(finishedAt),
            "next_attempt_at": Timestamp.value(nextAttemptAt),
            "stuck_since": Timestamp.value(stuckSince),
        ]
    }
}
