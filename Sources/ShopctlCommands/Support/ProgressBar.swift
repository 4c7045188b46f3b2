/// A bar on standard error that shows how far a command has come; nothing where that is no terminal, or was not asked
/// for.
struct ProgressBar: Sendable {
    private static let width = 30

    private let isShown: Bool
    private let write: @Sendable (String) -> Void

    init(_ output: OutputOptions, _ context: CommandContext) {
        isShown = context.isErrorTerminal && !output.quiet && !output.output.isForPrograms
        write = context.standardError
    }

    func show(_ done: Int, of total: Int, _ what: String) {
        guard isShown, total > 0 else { return }
        let filled = min(Self.width, done * Self.width / total)
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: Self.width - filled)
        write("\r[\(bar)] \(done) of \(total) \(what)\u{1B}[K")
    }

    /// Takes it away, for what is told next.
    func end() {
        if isShown { write("\r\u{1B}[K") }
    }
}
