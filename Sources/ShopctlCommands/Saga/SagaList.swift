import ArgumentParser
import FoundationEssentials
import Sagas

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

    /// `shopctl saga list`
    struct SagaList: ShopctlCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List sagas, the youngest first.",
            discussion: """
                Open sagas are those that are not over yet; stuck ones have not been carried out after many tries.

                EXAMPLES:
                  shopctl saga list
                  shopctl saga list --state stuck
                  shopctl saga list --state all --limit 1000 -o jsonl
                """)

        @Option(
            help: ArgumentHelp(
                "Which: \(StateArgument.allValueStrings.joined(separator: ", ")) (default: open).", valueName: "state"))
        var state: StateArgument?
        @Option(help: ArgumentHelp("How many at most.", valueName: "count"))
        var limit = 50
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func validate() throws {
            guard (1...100_000).contains(limit) else { throw ValidationError("--limit must be 1 to 100000") }
        }

        func run(_ context: CommandContext) async throws {
            let sources = SagaSources(configuration: try settings.begin(context))
            let sagas = try await sources.reading { reader in
                try await reader.list(state?.filter ?? .open, limit: limit)
            }
            output.write(SagaListing(sagas: sagas, now: context.now()), context)
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
            .left("SAGA"), .left("NAME"), .right("ORDER"), .left("PHASE"), .left("STARTED"), .right("AGE"),
            .right("RESENDS"), .left("NOTE"),
        ])
        for saga in sagas {
            let note = saga.stuckSince.map { "stuck since \(Timestamp.text($0))" } ?? saga.refusal?.code ?? ""
            let end = saga.finishedAt ?? now
            table.add([
                .plain(saga.id.uuidString.lowercased()), .plain(saga.name), .plain(String(saga.subjectID)),
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
