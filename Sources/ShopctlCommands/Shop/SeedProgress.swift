import Synchronization

/// The progress of a seeding, as one line of a terminal that is written again and again; nothing anywhere else.
final class SeedProgress: Sendable {
    private static let barWidth = 24

    private let total: Int
    private let isShown: Bool
    private let write: @Sendable (String) -> Void
    private let done = Atomic(0)

    init(total: Int, isShown: Bool, _ context: CommandContext) {
        self.total = max(1, total)
        self.isShown = isShown && context.isErrorTerminal
        write = context.standardError
    }

    /// Goes one further.
    func step(_ what: String) {
        show(done.add(1, ordering: .relaxed).newValue, what)
    }

    /// Tells something while nothing goes further.
    func say(_ what: String) { show(done.load(ordering: .relaxed), what) }

    /// Takes the line away.
    func end() {
        if isShown { write("\r\u{1B}[K") }
    }

    private func show(_ done: Int, _ what: String) {
        guard isShown else { return }
        let filled = min(done, total) * Self.barWidth / total
        let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: Self.barWidth - filled)
        write("\r\u{1B}[K[\(bar)] \(min(done, total)) of \(total)  \(what)")
    }
}
