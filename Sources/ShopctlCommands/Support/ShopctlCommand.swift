import ArgumentParser

/// A command of shopctl: it takes its surroundings from a context.
protocol ShopctlCommand: AsyncParsableCommand {
    func run(_ context: CommandContext) async throws
}

extension ShopctlCommand {
    func run() async throws { try await run(.process) }
}

/// A whole invocation: parses arguments, runs the command, tells errors, and gives the exit status.
enum Invocation {
    static func run(_ arguments: [String], _ context: CommandContext) async -> ExitStatus {
        do {
            let command = try Shopctl.parseAsRoot(arguments)
            if let command = command as? any ShopctlCommand {
                try await command.run(context)
            } else {
                // A group without a subcommand, or the parser's own help.
                var command = command
                try command.run()
            }
            return .success
        } catch {
            return tell(error, context)
        }
    }

    private static func tell(_ error: any Error, _ context: CommandContext) -> ExitStatus {
        // The parser words its own errors, help requests among them; it gives every other error its code for failure.
        let code = Shopctl.exitCode(for: error)
        if code == .success || code == .validationFailure {
            let text = Shopctl.fullMessage(for: error)
            guard code == .success else {
                context.note(text)
                return .usage
            }
            do {
                try context.print(text)
                return .success
            } catch {
                return tell(Diagnosis(error), context)
            }
        }
        return tell(Diagnosis(error), context)
    }

    private static func tell(_ diagnosis: Diagnosis, _ context: CommandContext) -> ExitStatus {
        if let message = diagnosis.message { context.note("shopctl: \(Printable.lines(message))") }
        if let hint = diagnosis.hint { context.note("  try: \(Printable.lines(hint))") }
        return diagnosis.status
    }
}
