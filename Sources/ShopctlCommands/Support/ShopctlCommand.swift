import ArgumentParser

/// A command of shopctl: it takes its surroundings from a context.
protocol ShopctlCommand: AsyncParsableCommand, Sendable {
    func run(_ context: CommandContext) async throws
}

extension ShopctlCommand {
    func run() async throws { try await run(.process) }
}

/// A command with a result.
protocol ReportingCommand: ShopctlCommand {
    var output: OutputOptions { get }
}

/// A command whose result is a table, of which `--columns` chooses some.
protocol ListingCommand: ReportingCommand {
    associatedtype Listing: ListReport

    /// The columns of the table that a command line asks for; none for one that asks for something else.
    ///
    /// - Parameter line: Its words, without the program.
    static func columns(on line: [String]) -> [Table.Column]
}

extension ListingCommand {
    static func columns(on line: [String]) -> [Table.Column] { Listing.columns }
}

/// A whole invocation: parses arguments, runs the command, tells errors, and gives the exit status.
enum Invocation {
    /// Runs a command line as the system hands it over. Words that are not UTF-8 are refused, whatever they stand for:
    /// they would be kept, sent or opened as something else than what was written.
    static func run(_ words: [[UInt8]], _ context: CommandContext) async -> ExitStatus {
        let arguments = words.map { String(decoding: $0, as: UTF8.self) }
        guard let place = words.firstIndex(where: { String(validating: $0, as: UTF8.self) == nil }) else {
            return await run(arguments, context)
        }
        var context = context
        context.voice = Voice(arguments: arguments)
        return tell(
            Diagnosis(
                .usage, "argument \(place + 1) is not valid UTF-8; nothing was done",
                hint: UsageError.help(CommandTree.place(of: arguments))),
            arguments, context)
    }

    static func run(_ arguments: [String], _ context: CommandContext) async -> ExitStatus {
        var context = context
        context.voice = Voice(arguments: arguments)
        context.arguments = arguments
        do {
            // The parser's own help answers for whatever part of a name it knows.
            if arguments.first == "help", CommandTree.place(of: Array(arguments.dropFirst())).stray != nil {
                return tell(UsageError.diagnosis("", Array(arguments.dropFirst())), arguments, context)
            }
            let command = try Shopctl.parseAsRoot(arguments)
            if let command = command as? any ShopctlCommand {
                let output = (command as? any ReportingCommand)?.output
                if let output { context.voice = Voice(output) }
                // Before anything is done that could not be told afterwards.
                if output?.columns != nil, !(command is any ListingCommand) { throw Renderer.noColumns }
                try ContextChoice.apply(arguments, isServer: command is ServeCommand, to: &context)
                try await TimeLimit.run(output?.timeout) { [context] in try await command.run(context) }
            } else {
                // A group without a subcommand, or the parser's own help.
                var command = command
                try command.run()
            }
            context.voice.end(nil, context)
            return .success
        } catch {
            return await tell(error, arguments, context)
        }
    }

    private static func tell(
        _ error: any Error, _ arguments: [String], _ context: CommandContext
    ) async -> ExitStatus {
        // The parser words its own errors, help requests among them; it gives every other error its code for failure.
        switch Shopctl.exitCode(for: error) {
        case .success:
            do {
                let text = Shopctl.fullMessage(for: error)
                try context.print(await LiveNames.answer(text, arguments, context) ?? text)
                return .success
            } catch {
                return tell(Diagnosis(error), arguments, context)
            }
        case .validationFailure:
            return tell(UsageError.diagnosis(Shopctl.fullMessage(for: error), arguments), arguments, context)
        default: return tell(Diagnosis(error), arguments, context)
        }
    }

    private static func tell(
        _ diagnosis: Diagnosis, _ arguments: [String], _ context: CommandContext
    ) -> ExitStatus {
        var diagnosis = diagnosis
        // Where neither the error nor its kind has a next command, the command's own help tells what it takes. So it
        // does of a setting that is wrong: one that is missing has a hint.
        if diagnosis.hint == nil,
            [.configuration, .usage].contains(diagnosis.code) || ErrorExplanation(diagnosis.code).next.isEmpty
        {
            diagnosis.hint = UsageError.help(CommandTree.place(of: arguments))
        }
        if arguments.first == "migrate" {
            let hint = diagnosis.hint ?? ErrorExplanation(diagnosis.code).next.first
            diagnosis.hint = hint.map(MigrateAdvice(arguments).keeping)
        }
        context.voice.end(diagnosis, context)
        return diagnosis.status
    }
}
