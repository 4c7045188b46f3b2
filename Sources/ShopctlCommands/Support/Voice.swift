import Synchronization

/// The way in which a command tells what is not data: lines for people; where programs read the result, one document at
/// the end.
struct Voice: Sendable {
    private final class Notes: Sendable {
        let all = Mutex<[String]>([])
        /// The lines of a watched command's round, and of the one before.
        let rounds = Mutex((before: Set<String>(), now: Set<String>()))
    }

    var format = OutputFormat.table
    var isQuiet = false
    var color = ColorChoice.auto
    private let notes = Notes()

    init() {}

    init(_ output: OutputOptions) {
        format = output.output
        isQuiet = output.quiet
        color = output.color
    }

    /// The voice that a command line asks for which cannot be parsed.
    init(arguments: [String]) {
        for (index, argument) in arguments.prefix(while: { $0 != "--" }).enumerated() {
            for name in ["-o", "--output", "--output="] where argument.hasPrefix(name) {
                let rest = String(argument.dropFirst(name.count))
                let value = rest.isEmpty && index + 1 < arguments.count ? arguments[index + 1] : rest
                if let format = OutputFormat(rawValue: value) { self.format = format }
            }
        }
    }

    /// Tells a line, now or at the end.
    func tell(_ line: String, _ standardError: (String) -> Void) {
        guard format.isForPrograms else {
            let isNew = notes.rounds.withLock { rounds in
                rounds.now.insert(line)
                return !rounds.before.contains(line)
            }
            if isNew { standardError(Printable.lines(line) + "\n") }
            return
        }
        // What is watched is told once.
        notes.all.withLock { if !$0.contains(line) { $0.append(line) } }
    }

    /// Begins a round of what is watched: what the round before has told is told again only after it was not.
    func beginRound() {
        notes.rounds.withLock { $0 = (before: $0.now, now: []) }
    }

    /// Ends it: with the error, and with what has been kept for the end.
    ///
    /// - Parameter diagnosis: Nil for a command that has succeeded.
    func end(_ diagnosis: Diagnosis?, _ context: CommandContext) {
        let kept = notes.all.withLock { $0 }
        let error = diagnosis?.message == nil ? nil : diagnosis
        guard format.isForPrograms else {
            let isColoured = context.isColoured(color, isTerminal: context.isErrorTerminal)
            if let error { context.standardError(error.text(TextStyle(isColoured: isColoured))) }
            return
        }
        guard error != nil || !kept.isEmpty else { return }
        var document: OutputRecord = ["schema_version": 1]
        document.members.append(.init(name: "error", value: .optional(error?.record)))
        document.members.append(.init(name: "notes", value: .texts(kept)))
        context.standardError(
            format == .yaml
                ? YAMLText.document(document) + "\n"
                : (format == .json ? JSONText.pretty(.record(document)) : JSONText.compact(.record(document))) + "\n")
    }
}
