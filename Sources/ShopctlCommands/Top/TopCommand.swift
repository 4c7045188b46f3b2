import ArgumentParser

/// `shopctl top`
struct TopCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Watch the shop at work: rates, queues, the slowest steps.",
        discussion: """
            The same sources as 'status', asked every two seconds until stopped. Graphs are of the last minute, the \
            present on the right. PER MINUTE is by the last two samples. STEPS are those of sagas that were begun \
            within the last five minutes: 'try' lasts until a participant's vote has arrived, 'decision' until it has \
            carried it out; SLOW is what 19 of 20 stay under. OPEN is how many are not answered yet, and for how long \
            the oldest has waited, whenever its saga was begun.

            With --once two samples are taken, a second apart, and told in plain text or as data.

            EXAMPLES:
              shopctl top
              shopctl top --context staging
              shopctl top --once
              shopctl top --once -o json | jq '.steps[0]'
            """)

    @Option(
        help: ArgumentHelp(
            "An admin listener of a process (default: SHOPCTL_ADMIN_URL, or admin.listen); may be repeated.",
            valueName: "host:port"))
    var address: [AddressArgument] = []
    @Flag(help: "One pair of samples, and the end.")
    var once = false
    @OptionGroup var output: OutputOptions
    @OptionGroup var settings: ConfigurationOptions

    func run(_ context: CommandContext) async throws {
        let sources = try StatusSources(try settings.begin(context), address, context)
        guard sources.isConfigured else {
            throw CommandFailure(
                .badConfiguration, "neither a database nor the broker nor Redis is set: there is no shop to watch",
                hint: ContextChoice.hint)
        }
        var history = [await TopSample.take(sources, context)]
        try await Task.sleep(for: .seconds(1))
        try await Watch.run(!once, context, output) { context in
            history.append(await TopSample.take(sources, context))
            if history.count > TopSample.buckets { history.removeFirst() }
            try output.write(TopReport(history: history), context)
        }
    }
}
