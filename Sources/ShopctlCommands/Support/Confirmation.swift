import ArgumentParser

/// The confirmation of a deed on one thing that cannot be taken back.
struct Confirmation: ParsableArguments {
    @Flag(help: "Do not ask, as where standard input is a terminal. Scripts say this.")
    var yes = false

    /// Asks whoever sits at a terminal, also where a script was started at one. Where standard input is none the deed is
    /// done as it is written: there is nobody to ask.
    ///
    /// - Parameter loss: What would be lost, as a sentence; nil for nothing. Called only if it is asked for.
    func ask(_ context: CommandContext, _ loss: () async throws -> String?) async throws {
        guard !yes, context.isInputTerminal, let loss = try await loss() else { return }
        context.standardError("\(Printable.lines(loss)); type yes: ")
        guard context.readLine() == "yes" else {
            throw ValidationError("it was not confirmed, and nothing was done\(UsageError.confirmation)")
        }
    }
}
