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
            case "was-stuck": filter = .wasStuck
            case "all": filter = .all
            default:
                guard let phase = SagaState.Phase(rawValue: argument) else { return nil }
                filter = .phase(phase)
            }
        }

        static var allValueStrings: [String] {
            ["open", "stuck", "was-stuck", "all"] + SagaState.Phase.allCases.map(\.rawValue)
        }
        static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
    }

    /// What `--saga` takes.
    struct NameArgument: ExpressibleByArgument, Sendable {
        let definition: SagaDefinition

        init?(argument: String) {
            guard let found = SagaDefinition.all.first(where: { $0.name == argument }) else { return nil }
            definition = found
        }

        static var allValueStrings: [String] { SagaDefinition.all.map(\.name) }
        static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
    }

    /// `shopctl saga list`
    struct SagaList: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List sagas, the youngest first.",
            discussion: """
                Open sagas are those that are not over yet; stuck ones have made no progress for longer than the setting \
                saga.stuck-after, in whatever phase, and NOTE tells whose answer is awaited; -o wide since when. What \
                was stuck and is over is found with --state was-stuck. \
                Lists those about orders and those about products; a database that is not set is left out, with a \
                note, and one that does not answer, too (exit status 3).

                EXAMPLES:
                  shopctl saga list
                  shopctl saga list --state stuck
                  shopctl saga list --state was-stuck --since 1d
                  shopctl saga list --saga product-deletion --state all
                  shopctl saga list --state all --since 1h --sort started_at
                  shopctl saga list --state all --limit 1000 -o jsonl
                  shopctl saga list --columns id,subject,age --watch
                """)

        @Option(
            help: ArgumentHelp(
                "Which: \(StateArgument.allValueStrings.joined(separator: ", ")) (default: open).", valueName: "state"))
        var state: StateArgument?
        @Option(
            help: ArgumentHelp(
                "Only one kind: \(NameArgument.allValueStrings.joined(separator: ", ")).", valueName: "name"))
        var saga: NameArgument?
        @Option(parsing: .unconditional, help: "The order; a dash puts the youngest first.")
        var sort = Sort.descending
        @OptionGroup var list: ListOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        /// Values of `--sort`.
        enum Sort: String, SortArgument {
            case descending = "-started_at"
            case ascending = "started_at"
        }

        func run(_ context: CommandContext) async throws {
            let sources = SagaSources(configuration: try settings.begin(context))
            let after = try list.cursor.map { try PageCursor($0, sort: sort.rawValue) }
            let coordinators = SagaSources.coordinators.filter { role in
                saga.map { $0.definition.coordinator == role.rawValue } ?? true
            }
            try await list.watching(context, output) { context in
                let now = context.now()
                let selection = SagaSelection(
                    filter: state?.filter ?? .open, name: saga?.definition.name, since: list.since?.date(now: now),
                    until: list.until?.date(now: now), after: after, isAscending: sort.isAscending)
                let found = try await sources.page(of: selection, coordinators, limit: list.limit + 1, context)
                let shown = Array(found.sagas.prefix(list.limit))
                let next = found.sagas.count > shown.count ? shown.last.map { $0.cursor(sort.rawValue).text } : nil
                let page = Page(count: shown.count, total: found.total, next: next)
                try output.write(SagaListing(sagas: shown, now: now, page: page), context)
                if !found.isComplete { throw CommandFailure(.partial, "not all databases could be asked") }
            }
        }
    }
}

/// Sagas, a line each.
struct SagaListing: Report {
    let sagas: [SagaRecord]
    let now: Date
    let page: Page?

    var body: ReportBody { .many("sagas", sagas.map(\.output)) }

    var columns: [Table.Column] {
        [
            .left("SAGA", "id"), .left("NAME"), .left("SUBJECT", "subject_id"), .left("PHASE"),
            .left("STARTED", "started_at"), .right("AGE", "started_at"), .left("NOTE", "waits_for"),
            .left("STUCK SINCE", "stuck_since", extra: true), .right("RESENDS", extra: true),
            .left("DECIDED", "decided_at", extra: true), .left("FINISHED", "finished_at", extra: true),
            .left("NEXT ATTEMPT", "next_attempt_at", extra: true),
        ]
    }

    func table(_ style: TextStyle) -> String {
        var table = Table(columns)
        for saga in sagas {
            let note = saga.stuckSince.map { _ in "stuck: \(saga.awaited)" } ?? saga.refusal?.code ?? ""
            let end = saga.finishedAt ?? now
            table.add([
                .id(saga.id.uuidString.lowercased()), .plain(saga.name), .plain(saga.subjectText),
                .styled(saga.phase.rawValue, saga.phase.emphasis), .time(saga.startedAt),
                .plain(Timestamp.span(max(0, end.timeIntervalSince(saga.startedAt)))),
                .styled(note, saga.stuckSince == nil ? .none : .red), .time(saga.stuckSince),
                .plain(String(saga.resends)), .time(saga.decidedAt), .time(saga.finishedAt),
                .time(saga.nextAttemptAt),
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
            "waits_for": .texts(waitsFor),
        ]
    }

    /// The answer that is missing, in words.
    fileprivate var awaited: String {
        let names = waitsFor.joined(separator: " and ")
        return phase == .trying ? "no vote of \(names)" : "not carried out by \(names)"
    }
}
