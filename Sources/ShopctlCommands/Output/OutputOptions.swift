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
    ///
    /// - Parameter deed: For a command that has changed something: what is told on standard error if the result cannot
    ///   be written, so that nobody does it again.
    func write(_ report: some Report, _ context: CommandContext, deed: String? = nil) throws {
        do {
            try context.standardOutput(
                Renderer.text(report, as: output, style: TextStyle(isColoured: context.isColoured)))
        } catch {
            if let deed { context.note("shopctl: \(deed)") }
            throw error
        }
    }
}
