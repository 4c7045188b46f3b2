import ArgumentParser

/// How results are written.
enum OutputFormat: String, CaseIterable, ExpressibleByArgument, Sendable {
    /// For people.
    case table
    /// One document.
    case json
    /// One line an item.
    case jsonl
    case yaml
}

/// The option that every command with a result has.
struct OutputOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "How the result is written.")
    var output = OutputFormat.table

    /// Writes a result to standard output.
    func write(_ report: some Report, _ context: CommandContext) {
        context.standardOutput(Renderer.text(report, as: output, style: TextStyle(isColoured: context.isColoured)))
    }
}
