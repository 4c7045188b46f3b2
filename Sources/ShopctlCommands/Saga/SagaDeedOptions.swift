import ArgumentParser
import FoundationEssentials
import Hosting
import Sagas

extension SagaCommand {
    /// One saga, or all that a query chooses.
    struct SagaChoiceOptions: ParsableArguments {
        @Argument(help: SagaArgument.help, completion: LiveNames.openSagas.completion)
        var subject: SagaArgument?
        @OptionGroup var query: SagaQuery
        @Option(
            help: ArgumentHelp(
                "Only those whose reason has this in it, as with --reason of 'saga list'.", valueName: "text"))
        var havingReason: String?
        @Option(
            help: ArgumentHelp("Only those that began from then on: a time, or a span such as 20m.", valueName: "time"))
        var since: MomentArgument?
        @Option(help: ArgumentHelp("Only those that began before then.", valueName: "time"))
        var until: MomentArgument?
        @Option(help: ArgumentHelp("How many of a query at most, the oldest first.", valueName: "count"))
        var limit: Int?

        /// Whether anything is said of which sagas a query chooses.
        var isQuery: Bool { query.isNarrow || havingReason != nil || since != nil || until != nil }

        func validate() throws {
            guard (limit ?? 1) > 0 else { throw ValidationError("--limit must be more than zero") }
            guard subject == nil || !isQuery && limit == nil else {
                throw ValidationError("name one saga, or say which by options: not both")
            }
            try MomentArgument.check(since, until)
        }

        /// Passes if one saga is named, or a query is.
        func checkNamed() throws {
            guard subject != nil || isQuery else {
                throw ValidationError(
                    "name a saga, an order or a product, or say which by --state, --stuck-for, --step and the like")
            }
        }

        /// The sagas that the query chooses, the oldest first, and whether all that decides on them could be asked.
        ///
        /// - Parameter narrow: Makes of the query what the deed is for.
        func selection(
            _ sources: SagaSources, _ context: CommandContext, narrow: (inout SagaSelection) -> Void
        ) async -> (selection: SagaSelection, isComplete: Bool) {
            let errors = havingReason == nil ? nil : await sources.errors()
            if let unasked = errors?.unasked { context.warn("not asked: broker: \(unasked)") }
            let now = context.now()
            var selection = query.selection
            selection.reason = havingReason
            selection.errors = errors?.texts ?? [:]
            selection.since = since?.date(now: now)
            selection.until = until?.date(now: now)
            selection.isAscending = true
            narrow(&selection)
            return (selection, errors?.unasked == nil)
        }
    }

    /// The options of something that is done to one saga, or to all that a query chooses.
    struct SagaDeedOptions: ParsableArguments {
        @OptionGroup var choice: SagaChoiceOptions
        @Option(help: ArgumentHelp("Why, for the audit trail and the saga's timeline.", valueName: "text"))
        var reason: String?
        @Flag(help: "Only show to which it would be done, with the same checks.")
        var dryRun = false
        @Flag(help: "Do it to all that the query chooses.")
        var yes = false

        var subject: SagaArgument? { choice.subject }
        var query: SagaQuery { choice.query }

        func validate() throws { try ReasonText.check(reason) }

        /// Passes if one saga is named, or a query is and is confirmed.
        func checkChoice(_ verb: String) throws {
            try choice.checkNamed()
            guard subject != nil || yes || dryRun else {
                throw ValidationError("a query may \(verb) many\(UsageError.confirmation)")
            }
        }

        /// Does something to the sagas that the query chooses.
        ///
        /// - Parameter narrow: Makes of the query what the deed is for.
        func perform(
            _ deed: SagaDeed, _ sources: SagaSources, _ context: CommandContext,
            narrow: (inout SagaSelection) -> Void = { _ in }
        ) async throws -> SagaSources.DeedOutcome {
            let (selection, isComplete) = await choice.selection(sources, context, narrow: narrow)
            var outcome = try await sources.perform(
                deed, on: selection, query.coordinators, limit: choice.limit, context)
            if !isComplete { outcome.isComplete = false }
            return outcome
        }
    }
}

extension SagaSources.DeedOutcome {
    /// Tells what was left out, and ends with the status of it.
    ///
    /// - Parameters:
    ///   - word: The deed as it is done, as in `cancelled`.
    ///   - code: The kind of error of a saga whose state does not allow it.
    ///   - why: The reason in words.
    func conclude(
        _ word: String, _ code: ErrorCode, because why: String = "their state had changed meanwhile",
        _ context: CommandContext
    ) throws {
        let done = sagas.count { $0.isDone }
        if Int64(sagas.count) < total, failure == nil {
            context.note("\(sagas.count) of \(total); --limit leaves the others out")
        }
        if let failure {
            throw CommandFailure(.partial, "\(done) \(word), then: \(Diagnosis(failure).message ?? "failed")")
        }
        let refused = sagas.count - done
        if refused > 0 {
            throw CommandFailure(
                .partial, "\(refused) of \(sagas.count) were not \(word): \(why)",
                hint: "shopctl saga list --state all", code: code)
        }
        if !isComplete { throw CommandFailure.notAllAsked() }
    }
}
