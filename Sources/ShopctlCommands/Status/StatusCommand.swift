import ArgumentParser

/// `shopctl status`
struct StatusCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the whole shop on one screen, and what needs a hand.",
        discussion: """
            Asks everything at once: the processes by their admin listeners, the roles by gRPC's health service, all \
            databases (schema, outbox, sagas), the broker's queues, and Redis. A source that is away is said to be \
            away and costs its own lines only; one that nothing names is left out. ORDERS are those of the last \
            minute; STUCK is as in 'saga list'; UNACKED is known with SHOPCTL_AMQP_MANAGEMENT_URL only. It takes no \
            message out of its queue, however often it asks; 'queue peek' does, and tells why messages fail. It ends \
            with the commands that help, the most urgent first.

            With --check the exit status is for monitors: 0 if nothing needs a hand, 1 if something should be looked \
            at (warning), 2 if something is broken (critical). Warnings are a pending or running migration, a missing \
            replica, Redis away, messages that are tried again, an outbox that lags. Anything else than 0, 1 and 2 \
            means that nothing could be asked. Without --check it is 0.

            EXAMPLES:
              shopctl status
              shopctl status --watch
              shopctl status --address 10.0.0.7:9000 --address 10.0.0.8:9000
              shopctl status --check -q > /dev/null || echo "look at the shop"
              shopctl status -o json | jq -r '.findings[].next'
            """)

    @Option(
        help: ArgumentHelp(
            "An admin listener of a process (default: SHOPCTL_ADMIN_URL, or admin.listen); may be repeated.",
            valueName: "host:port"))
    var address: [AddressArgument] = []
    @Flag(help: "Exit with 0, 1 or 2: nothing, a warning, something critical.")
    var check = false
    @Flag(help: "Show it again every 2 s, until stopped.")
    var watch = false
    @OptionGroup var output: OutputOptions
    @OptionGroup var settings: ConfigurationOptions

    func validate() throws {
        guard !check || !watch else { throw ValidationError("--check answers once: leave --watch out") }
    }

    func run(_ context: CommandContext) async throws {
        let sources = try StatusSources(try settings.begin(context), address, context)
        guard sources.isConfigured else {
            throw CommandFailure(
                .badConfiguration, "neither a database nor the broker nor Redis is set: there is no shop to ask",
                hint: ContextChoice.hint)
        }
        try await Watch.run(watch, context, output) { context in
            let status = await sources.look(at: context.now())
            let verdict = status.findings.first?.severity
            do {
                try output.write(StatusReport(status: status), context)
            } catch {
                // A monitor is told the worst, whether it can be shown or not.
                guard check, verdict == .critical else { throw error }
            }
            guard check else { return }
            switch verdict {
            case .critical: throw CommandFailure(.no)
            case .warning: throw CommandFailure(.failure)
            case nil: return
            }
        }
    }
}
