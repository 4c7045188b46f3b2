import ArgumentParser
import FoundationEssentials
import Hosting
import Migrator

extension MigrateCommand {
    /// `shopctl migrate history`
    struct MigrateHistory: ListingCommand {
        typealias Listing = MigrationHistoryListing

        static let configuration = CommandConfiguration(
            commandName: "history",
            abstract: "List what was done to the schemas: when, by whom, by which version, in what time.",
            discussion: """
                From the table schema_migrations_history of each role's database, the latest first. What golang-migrate \
                did is not in it. With a database that cannot be asked the rest is listed (exit status 3).

                EXAMPLES:
                  shopctl migrate history
                  shopctl migrate history --role orders --since 7d
                  shopctl migrate history --sort at -o jsonl
                """)

        @OptionGroup var roles: Roles
        @OptionGroup var source: Source
        @Option(parsing: .unconditional, help: "The order; a dash puts the latest first.")
        var sort = Sort.descending
        @OptionGroup var list: ListOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        /// Values of `--sort`.
        enum Sort: String, SortArgument {
            case descending = "-at"
            case ascending = "at"
        }

        func validate() throws { try source.check(roles.chosen) }

        func run(_ context: CommandContext) async throws {
            let plan = MigrationPlan(
                roles: roles.all, configuration: try settings.begin(context), folder: source.folder)
            let runners = try roles.all.map { (role: $0, runner: try plan.runner($0)) }
            let paged = list.paged("migrate history", sort: sort.rawValue, roles.all.map(\.rawValue))
            let after = try list.cursor.map { try PageCursor($0, of: paged) }
            try await list.watching(context, output) { context in
                var failures = MigrationFailures()
                var all: [MigrationHistoryListing.Entry] = []
                for (role, runner) in runners {
                    let deeds = try await failures.noting(role.rawValue, at: runner.place) {
                        try await runner.history()
                    }
                    all += (deeds ?? []).map { .init(role: role, deed: $0) }
                }
                if failures.all.count == runners.count { try failures.finish(context) }
                try output.write(page(of: all, in: paged, after: after, now: context.now()), context)
                for failure in failures.all {
                    context.warn("not asked: \(failure.subject): \(MigrationFailures.text(of: failure.error))")
                }
                if !failures.isEmpty {
                    throw CommandFailure.notAllAsked(failures.all.map(\.subject))
                }
            }
        }

        private func page(
            of all: [MigrationHistoryListing.Entry], in paged: PagedList, after: PageCursor?, now: Date
        ) -> MigrationHistoryListing {
            let (since, until) = (list.since?.date(now: now), list.until?.date(now: now))
            let wanted = all.filter { entry in
                (since.map { entry.deed.at >= $0 } ?? true) && (until.map { entry.deed.at < $0 } ?? true)
            }.sorted { sort.isAscending ? $0.place < $1.place : $1.place < $0.place }
            let rest = wanted.drop { entry in
                guard let after else { return false }
                let last = MigrationHistoryListing.Place(
                    microseconds: after.key, role: after.source, id: Int64(after.id) ?? 0)
                return sort.isAscending ? !(last < entry.place) : !(entry.place < last)
            }
            let shown = Array(rest.prefix(list.limit))
            let next = rest.count > shown.count ? shown.last?.place.cursor(of: paged).text : nil
            return MigrationHistoryListing(
                entries: shown, page: Page(count: shown.count, total: Int64(wanted.count), next: next))
        }
    }
}

/// Deeds on schemas, a line each.
struct MigrationHistoryListing: ListReport {
    struct Entry: Sendable {
        let role: Role
        let deed: MigrationDeed

        var place: Place {
            Place(
                microseconds: Int64((deed.at.timeIntervalSince1970 * 1_000_000).rounded()), role: role.rawValue,
                id: deed.id)
        }
    }

    /// The place of a deed among those of all databases.
    struct Place: Sendable, Comparable {
        let microseconds: Int64
        let role: String
        let id: Int64

        static func < (one: Place, other: Place) -> Bool {
            (one.microseconds, one.role, one.id) < (other.microseconds, other.role, other.id)
        }

        func cursor(of list: PagedList) -> PageCursor {
            PageCursor(of: list, key: microseconds, source: role, id: String(id))
        }
    }

    let entries: [Entry]
    let page: Page?

    var body: ReportBody {
        .many(
            "deeds",
            entries.map { entry in
                let deed = entry.deed
                return [
                    "at": .text(Timestamp.text(deed.at)), "role": .text(entry.role.rawValue),
                    "deed": .optional(deed.kind?.rawValue), "version": .integer(deed.version),
                    "title": .text(deed.title), "checksum": .optional(deed.checksum),
                    "milliseconds": .optional(deed.milliseconds), "program": .text(deed.program),
                    "who": .text(deed.who), "database_user": .text(deed.databaseUser), "reason": .optional(deed.reason),
                ]
            })
    }

    static var columns: [Table.Column] {
        [
            .left("TIME", "at"), .left("ROLE"), .left("DEED"), .right("VERSION"), .left("TITLE"),
            .right("TOOK", "milliseconds"), .left("PROGRAM"), .left("WHO"),
            .left("DATABASE USER", "database_user", extra: true), .left("CHECKSUM", extra: true), .left("REASON"),
        ]
    }

    func table(_ style: TextStyle) -> String {
        var table = Table(columns)
        for entry in entries {
            let deed = entry.deed
            table.add([
                .time(deed.at), .plain(entry.role.rawValue), .plain(deed.kind?.rawValue ?? "?"),
                .plain(String(deed.version)), .plain(deed.title),
                .plain(deed.milliseconds.map { Timestamp.span(Double($0) / 1000) } ?? "-"), .plain(deed.program),
                .plain(deed.who), .plain(deed.databaseUser), .plain(deed.checksum ?? "-"), .plain(deed.reason ?? ""),
            ])
        }
        return table.text(style)
    }
}
