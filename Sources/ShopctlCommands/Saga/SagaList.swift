import ArgumentParser
import FoundationEssentials
import Hosting
import Sagas
import ShopContracts

extension SagaCommand {
    /// `shopctl saga list`
    struct SagaList: ListingCommand {
        typealias Listing = SagaListing

        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List sagas, the youngest first.",
            discussion: """
                Open sagas are those that are not over yet; stuck ones have made no progress for longer than the setting \
                saga.stuck-after, in whatever state, and NOTE tells whose answer is awaited; -o wide since when. The last \
                error of a message of theirs is told of all that are open, before they are stuck too; with \
                --watch only for --reason and --group-by, since looking takes messages out of their queues. What \
                was stuck and is over is found with --state was-stuck: for how long, and what its messages failed of, \
                where and when; where nobody has written that, whose answer was missing. A step is a request that a participant has not \
                answered; a reason is that of a refusal, or the last error of a message that is tried again or dead. \
                Where nobody has written one, it is the failing check of a process that runs whoever is waited for \
                (SHOPCTL_ADMIN_URL, or admin.listen), or whose answer is missing. \
                Lists those about orders and those about products; a database that is not set is left out, with a \
                note, and one that does not answer, too (exit status 3, as where the broker does not tell reasons).

                EXAMPLES:
                  shopctl saga list
                  shopctl saga list --state stuck
                  shopctl saga list --state was-stuck --since 1d
                  shopctl saga list --stuck-for 10m --step confirm:customers
                  shopctl saga list --reason "permission denied"
                  shopctl saga list --state all --group-by state,reason,step
                  shopctl saga list --saga product-deletion --state all
                  shopctl saga list --state all --since 1h --sort started_at
                  shopctl saga list --state all --limit 1000 -o jsonl
                  shopctl saga list --columns id,subject,age --watch
                """)

        @OptionGroup var query: SagaQuery
        @Option(
            help: ArgumentHelp(
                "Only those whose reason has this in it: of a refusal, or of a message's last error.",
                valueName: "text"))
        var reason: String?
        @Option(
            help: ArgumentHelp(
                "Count them instead, by some of state, reason, step, with commas between.", valueName: "name,..."))
        var groupBy: SagaGrouping?
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

        static func columns(on line: [String]) -> [Table.Column] {
            guard let flag = line.firstIndex(where: { $0.hasPrefix("--group-by") }) else { return Listing.columns }
            let value = line[flag].split(separator: "=").dropFirst().first.map(String.init)
            let word = value ?? line.dropFirst(flag + 1).first { $0 != "=" } ?? ""
            return SagaGrouping(argument: word).map(SagaCounts.columns(by:)) ?? []
        }

        func validate() throws {
            guard groupBy == nil || list.cursor == nil else {
                throw ValidationError("--group-by has one page: leave --cursor out")
            }
        }

        func run(_ context: CommandContext) async throws {
            let sources = SagaSources(try settings.begin(context), context)
            let after = try list.cursor.map { try PageCursor($0, of: paged) }
            try await list.watching(context, output) { context in
                let now = context.now()
                var selection = query.selection
                selection.reason = reason
                selection.since = list.since?.date(now: now)
                selection.until = list.until?.date(now: now)
                selection.after = after
                selection.isAscending = sort.isAscending
                // Asked for only where something depends on it.
                let errors = reason != nil || groupBy?.keys.contains(.reason) == true ? await sources.errors() : nil
                selection.errors = errors?.texts ?? [:]
                selection.troubles = errors?.troubles.reasons ?? [:]
                let isComplete: Bool
                var unasked = errors?.unasked
                if let groupBy {
                    isComplete = try await writeCounts(selection, groupBy, sources, context)
                } else {
                    (isComplete, unasked) = try await writePage(selection, errors, now, sources, context)
                }
                if let unasked {
                    context.warn("not asked: broker: \(unasked)")
                    throw CommandFailure.notAllAsked(["broker"])
                }
                if !isComplete { throw CommandFailure.notAllAsked() }
            }
        }

        /// The list as its cursors know it.
        private var paged: PagedList {
            let selection = query.selection
            return list.paged(
                "saga list", sort: sort.rawValue,
                [
                    "\(selection.filter)", selection.name, selection.stuckFor.map { "\($0)" },
                    selection.step.map { "\($0)" }, reason,
                ])
        }

        private func writeCounts(
            _ selection: SagaSelection, _ grouping: SagaGrouping, _ sources: SagaSources, _ context: CommandContext
        ) async throws -> Bool {
            let (groups, isComplete) = try await sources.all(query.coordinators, context) { reader, database in
                try await selection.groups(reader, in: database)
            }
            try output.write(SagaCounts(groups, by: grouping), context)
            return isComplete
        }

        private func writePage(
            _ selection: SagaSelection, _ known: SagaErrors?, _ now: Date, _ sources: SagaSources,
            _ context: CommandContext
        ) async throws -> (isComplete: Bool, unasked: String?) {
            let found = try await sources.page(of: selection, query.coordinators, limit: list.limit + 1, context)
            let shown = Array(found.sagas.prefix(list.limit))
            let next = found.sagas.count > shown.count ? shown.last.map { $0.cursor(of: paged).text } : nil
            let page = Page(count: shown.count, total: found.total, next: next)
            var errors = known
            // Each look counts against the messages' delivery limit, so it is not repeated unasked.
            if errors == nil, !list.watch, shown.contains(where: \.hasTellingErrors) {
                errors = await sources.errors()
                if let unasked = errors?.unasked, errors?.isBrokerAway == false {
                    // One that is not set is none of this operator's.
                    context.note("not asked: broker: \(unasked)")
                    errors?.unasked = nil
                }
            }
            var told = errors ?? SagaErrors()
            let isTold = await sources.addRecorded(of: shown, to: &told, context)
            try output.write(SagaListing(sagas: shown, errors: told, now: now, page: page), context)
            return (found.isComplete && isTold, told.unasked)
        }
    }
}

/// Sagas, a line each.
struct SagaListing: ListReport {
    let sagas: [SagaRecord]
    /// The reason why messages of them failed last, as far as that is known.
    let errors: SagaErrors
    let now: Date
    let page: Page?

    var schemaVersion: Int64 { 2 }
    var body: ReportBody {
        .many(
            "sagas",
            sagas.map { saga in
                var record = saga.output
                let error = errors.failure(of: saga)
                record.members += [
                    .init(name: "last_error", value: .optional(error?.text)),
                    .init(name: "last_error_at", value: Timestamp.value(error?.at)),
                    .init(name: "last_error_service", value: .optional(error?.service)),
                    .init(name: "last_error_message", value: .optional(error?.message)),
                    .init(name: "was_stuck_steps", value: .texts(saga.stalledSteps.map { "\($0)" })),
                ]
                return record
            })
    }

    private func note(_ saga: SagaRecord) -> String {
        var notes = [saga.stuckSince.map { _ in "stuck: \(saga.awaited)" } ?? saga.refusal?.code]
        if let stall = saga.stall { notes.append("was stuck for \(Timestamp.span(stall.length))") }
        if let error = errors.failure(of: saga) {
            let place = saga.stall == nil ? "" : "\(error.service)\(error.message.map { ", \($0)" } ?? ""): "
            notes.append(place + error.text)
        } else if let stall = saga.stall {
            // Nobody has written what its messages failed of, if they did.
            notes.append(
                stall.waitedFor.isEmpty
                    ? "no decision"
                    : SagaRecord.awaited(of: stall.waitedFor, stall.isUndecided ? .trying : saga.phase))
        }
        return notes.compactMap { $0 }.joined(separator: "; ")
    }

    static var columns: [Table.Column] {
        [
            .left("SAGA", "id"), .left("NAME"), .left("SUBJECT", "subject_id", whole: true), .left("STATE"),
            .left("STARTED", "started_at"), .right("AGE", "started_at", extra: true),
            .left("NOTE", "waits_for", vital: true),
            .left("STUCK SINCE", "stuck_since", extra: true), .left("STUCK UNTIL", "was_stuck_until", extra: true),
            .right("RESENDS", extra: true), .left("DECIDED", "decided_at", extra: true),
            .left("FINISHED", "finished_at", extra: true), .right("TOOK", "finished_at", extra: true),
            .left("NEXT ATTEMPT", "next_attempt_at", extra: true),
        ]
    }

    func table(_ style: TextStyle) -> String {
        var table = Table(columns)
        for saga in sagas {
            func span(until end: Date) -> String { Timestamp.span(max(0, end.timeIntervalSince(saga.startedAt))) }
            table.add([
                .id(saga.id.uuidString.lowercased()), .plain(saga.name), .plain(saga.subjectText),
                .styled(saga.phase.rawValue, saga.phase.emphasis), .time(saga.startedAt),
                .plain(span(until: now)),
                .styled(note(saga), saga.stuckSince == nil ? .none : .red),
                .time(saga.stuckSince ?? saga.stall?.since), .time(saga.stall?.until),
                .plain(String(saga.resends)), .time(saga.decidedAt), .time(saga.finishedAt),
                .plain(saga.finishedAt.map(span) ?? "-"), .time(saga.nextAttemptAt),
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
            "state": .text(phase.rawValue),
            "stuck": .bool(stuckSince != nil),
            "reason": .optional(refusal?.code),
            "reason_detail": .optional(refusal?.message),
            "resends": .count(resends),
            "started_at": Timestamp.value(startedAt),
            "deadline_at": Timestamp.value(deadlineAt),
            "decided_at": Timestamp.value(decidedAt),
            "finished_at": Timestamp.value(finishedAt),
            "next_attempt_at": Timestamp.value(nextAttemptAt),
            "stuck_since": Timestamp.value(stuckSince),
            "was_stuck_since": Timestamp.value(stall?.since),
            "was_stuck_until": Timestamp.value(stall?.until),
            "was_stuck_ms": .optional(stall.map { Int64(($0.length * 1000).rounded()) }),
            "waits_for": .texts(waitsFor),
        ]
    }

    /// Whether it matters why its messages fail: what is over, and was never stuck, has no error that does.
    ///
    /// Those of one that is over may wait in the retry queues still, where a repeated message was handled before them.
    var hasTellingErrors: Bool { finishedAt == nil || stall != nil }

    /// The answer that is missing, in words.
    var awaited: String {
        Self.awaited(of: waitsFor, phase)
    }

    /// The answers of those participants that are missing, in words.
    static func awaited(of participants: [String], _ phase: SagaState.Phase) -> String {
        let names = participants.joined(separator: " and ")
        return phase == .trying ? "no vote of \(names)" : "not carried out by \(names)"
    }
}
