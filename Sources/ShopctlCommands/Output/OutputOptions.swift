import ArgumentParser

/// The way results are written.
enum OutputFormat: String, CaseIterable, ExpressibleByArgument, Sendable {
    /// For people, as wide as the terminal.
    case table
    /// For people, with everything whole.
    case wide
    /// One document.
    case json
    /// One line an item.
    case jsonl
    case yaml

    /// Whether programs read it.
    var isForPrograms: Bool { self != .table && self != .wide }
}

/// The choice of whether text is coloured.
enum ColorChoice: String, CaseIterable, ExpressibleByArgument, Sendable {
    /// On a terminal, unless `NO_COLOR` is set.
    case auto
    case always
    case never
}

/// Names with commas between them.
struct NameList: ExpressibleByArgument, Sendable, Equatable {
    let names: [String]

    init?(argument: String) {
        names = argument.split(separator: ",").map(String.init)
        if names.isEmpty { return nil }
    }
}

/// The options that every command with a result has.
struct OutputOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "How the result is written.")
    var output = OutputFormat.table
    @Option(
        help: ArgumentHelp("Only these columns of a list, in this order.", valueName: "name,..."),
        completion: ColumnNames.completion)
    var columns: NameList?
    @Flag(help: "Leave the headings of tables out.")
    var noHeaders = false
    @Flag(name: .shortAndLong, help: "No notes beside the result; warnings and errors are told.")
    var quiet = false
    @Option(help: ArgumentHelp("Give up after so long, with exit status 75: 30s, 5m.", valueName: "span"))
    var timeout: SpanArgument?
    @Option(help: "Colours; by default on a terminal, unless NO_COLOR is set.")
    var color = ColorChoice.auto

    func validate() throws {
        guard timeout?.seconds ?? 1 > 0 else { throw ValidationError("--timeout must be more than zero") }
    }

    /// Writes a result to standard output.
    ///
    /// - Parameter deed: For a command that has changed something: what is told on standard error if the result cannot
    ///   be written, so that nobody does it again.
    func write(_ report: some Report, _ context: CommandContext, deed: String? = nil) throws {
        do {
            try context.standardOutput(Renderer.text(report, as: output, style: style(context)))
        } catch {
            if let deed { context.warn(deed) }
            throw error
        }
        if let note = report.page?.note { context.note(note) }
    }

    /// The way in which results are written for people here.
    private func style(_ context: CommandContext) -> TextStyle {
        var style = TextStyle(isColoured: context.isColoured(color, isTerminal: context.isOutputTerminal))
        style.isWide = output == .wide
        style.hasHeadings = !noHeaders
        style.columns = columns?.names
        if context.isOutputTerminal {
            style.width = context.outputWidth
            style.now = context.now()
            style.shortensIDs = true
        }
        return style
    }
}
