import ArgumentParser
import FoundationEssentials

/// `shopctl doctor`
struct DoctorCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Examine the whole shop: servers, clocks, schemas, queues, and what must hold across databases.",
        discussion: """
            Looks at all that 'status' shows, at every server's version and clock (the broker's by amqp.management-url: \
            AMQP has none to ask), at the schemas (what the migrations have made and somebody has changed), at queues \
            and bindings ('queue check'), and at the invariants: the ledger sums to zero and equals the balances, \
            reserved stock equals its reservations, confirmed orders are paid, delivered and known to their buyers \
            and to reviews, cancelled ones refunded, every part of a saga has a saga and did what was decided, none is \
            undecided past its deadline. A shop at work is not in the way: only what is settled is compared, and what \
            is found is looked at twice. Settled things are compared as far back as --since, 20000 of a kind at most.

            --fix mends what needs no judgement: queues and bindings that are missing are declared again, outbox rows \
            that are claimed by nobody who lives are given back, and what a participant holds for a confirmed order \
            is made final where its record of that is lost and its rows prove it. Each deed stands in the role's audit trail, \
            with the reason, and then the shop is examined again. Everything else has its next command.

            Exit status 0 if all is well, 2 if something was found, 3 if a source is missing or something could not \
            be checked and nothing else was found. Where no management interface is set, what only it tells is not \
            looked at; a line says so.

            EXAMPLES:
              shopctl doctor
              shopctl doctor --since 6d -o json | jq -r '.findings[].text'
              shopctl doctor --fix --dry-run
              shopctl doctor --fix --reason "after the restore"
            """)

    @Option(
        help: ArgumentHelp(
            "An admin listener of a process (default: SHOPCTL_ADMIN_URL, or admin.listen); may be repeated.",
            valueName: "host:port"))
    var address: [AddressArgument] = []
    @Option(help: ArgumentHelp("How far back settled things are compared: 1h to 6d.", valueName: "span"))
    var since = SpanArgument(seconds: 86_400)
    @Flag(help: "Mend what needs no judgement.")
    var fix = false
    @Flag(help: "With --fix: only tell what would be mended.")
    var dryRun = false
    @Option(help: ArgumentHelp("With --fix: why, for the audit trail.", valueName: "text"))
    var reason: String?
    @OptionGroup var output: OutputOptions
    @OptionGroup var settings: ConfigurationOptions

    func validate() throws {
        // Sagas are kept for seven days at least: what is forgotten cannot be told from what never was.
        guard (3600...6 * 86_400).contains(since.seconds) else { throw ValidationError("--since must be 1h to 6d") }
        guard fix || !dryRun else { throw ValidationError("--dry-run says what --fix would do: say both") }
        guard fix || reason == nil else { throw ValidationError("--reason is kept with what --fix does: say both") }
        try ReasonText.check(reason)
    }

    func run(_ context: CommandContext) async throws {
        let configuration = try settings.begin(context)
        let doctor = try Doctor(configuration, address, window: Double(since.seconds), context)
        guard doctor.status.isConfigured else {
            throw CommandFailure(
                .badConfiguration, "neither a database nor the broker nor Redis is set: there is no shop to examine",
                hint: ContextChoice.hint)
        }
        var seen = try await doctor.examine()
        var failure: (any Error)?
        if fix {
            do {
                let mended = try await DoctorRepair(
                    configuration: configuration, isDryRun: dryRun, reason: reason, window: Double(since.seconds)
                ).run(seen.findings)
                if !mended.isEmpty, !dryRun {
                    var after = try await doctor.examine()
                    let gone = mended.filter { old in !after.findings.contains { $0.isSame(as: old) } }
                    after.findings = gone.map(\.fixed) + after.findings
                    seen = after
                }
            } catch {
                failure = error
            }
        }
        let report = DoctorReport(at: context.now(), seen: seen, fixes: fix, isDryRun: dryRun)
        try output.write(report, context, deed: fix && !dryRun ? "what could be mended is mended" : nil)
        if let failure { throw failure }
        if !report.standing.isEmpty { throw CommandFailure(.no) }
        if !seen.isUnhindered {
            throw CommandFailure(
                .partial, "not everything could be looked at", hint: seen.way, code: .doctorIncomplete)
        }
    }
}
