import ArgumentParser
import Events
import Hosting
import Logging
import RabbitMQ

extension QueueCommand {
    /// `shopctl queue replay`
    struct QueueReplay: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "replay",
            abstract: "Send a service's dead letters back to its inbox, and tell what came of each.",
            discussion: """
                Mend the cause first: a letter that fails again comes back. Each starts with a fresh count of tries. It \
                is taken out of the dead letters only after the broker has confirmed it in the inbox; should that be \
                cut short it is there twice, and handled once all the same.

                Then it waits, for --wait at most, until the service has told of each that it was handled, is tried \
                again later, or is dead again. Where nobody consumes the inbox there is nothing to wait for, and a \
                warning says so. The service's audit trail has a line for each letter, with the reason, before it \
                goes: without that database nothing is sent back.

                --canary sends some first, and the others only if all of those were handled. --stop-after-failures \
                sends as many at a time as may still fail, so that no more than that do. Ctrl-C ends it between two \
                letters: what was not sent stays, and the command to go on is told.

                Exit status 3: some died again, or were not sent back; 75: of some it is not known yet.

                EXAMPLES:
                  shopctl queue replay products --dry-run
                  shopctl queue replay products --reason "the cause is mended"
                  shopctl queue replay products --canary 1 --rate 5/s
                  shopctl queue replay products --filter type=order.* --filter older=1h
                  shopctl queue replay products --stop-after-failures 3 --wait 10m
                  shopctl queue replay products --message-id 7f9c24e8-3b12
                """)

        @Argument(help: ArgumentHelp("Whose dead letters.", valueName: "service"))
        var service: ServiceArgument
        @Option(help: ArgumentHelp("How many at most; by default all that are there now.", valueName: "count"))
        var limit: Int?
        @Option(help: ArgumentHelp("Only the letter with this id, or its beginning; may be repeated.", valueName: "id"))
        var messageID: [String] = []
        @OptionGroup var filter: LetterFilterOptions
        @Option(help: ArgumentHelp("No more in a time than so many: 5/s, 30/m, 100/h.", valueName: "rate"))
        var rate: RateArgument?
        @Option(
            help: ArgumentHelp("So many first, and the others only if all of those are handled.", valueName: "count"))
        var canary: Int?
        @Option(help: ArgumentHelp("Leave the others where they are once so many have failed.", valueName: "count"))
        var stopAfterFailures: Int?
        @Option(help: ArgumentHelp("How long to wait for what comes of them; 0 for not at all.", valueName: "span"))
        var wait = SpanArgument(seconds: 30)
        @OptionGroup var because: DeedOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        private var dryRun: Bool { because.dryRun }
        private var plan: ReplayPlan { ReplayPlan(limit: limit, canary: canary, failureLimit: stopAfterFailures) }

        func validate() throws {
            let counts = [("--limit", limit), ("--canary", canary), ("--stop-after-failures", stopAfterFailures)]
            for (option, count) in counts where (count ?? 1) <= 0 {
                throw ValidationError("\(option) must be more than zero")
            }
            guard !plan.dependsOnFates || wait.seconds > 0 else {
                throw ValidationError("--canary and --stop-after-failures wait for what comes of letters: raise --wait")
            }
        }

        func run(_ context: CommandContext) async throws {
            let configuration = try settings.begin(context)
            let broker = try configuration.broker(name: "shopctl-replay")
            let observer = ReplayObserver(topology: service.topology, broker: broker)
            let outcome: ReplayOutcome
            do {
                outcome = try await Interruption.heeding(context) { interruption in
                    try await DeedTrail.writing(
                        of: service.topology.service, because: because.reason, configuration
                    ) { audit in
                        let replay = DeadLetterReplay(
                            topology: service.topology, broker: broker, plan: plan,
                            wanted: LetterSelection(messageID, filter.filters, now: context.now()), isDryRun: dryRun,
                            audit: audit, interval: rate?.interval, interruption: interruption)
                        return try await replay.run(!dryRun && wait.seconds > 0 ? observer : nil, wait: wait)
                    }
                }
                // What has been done is told; if that is nothing, the cause alone decides.
                if let failure = outcome.failure, outcome.replayed.isEmpty { throw failure }
            } catch {
                await observer.close()
                throw error
            }
            await observer.close()
            try output.write(outcome, context, deed: "\(outcome.replayed.count) \(dryRun ? "would be " : "")sent back")
            try conclude(outcome, context)
        }
    }
}

extension QueueCommand.QueueReplay {
    private func conclude(_ outcome: ReplayOutcome, _ context: CommandContext) throws {
        if let failure = outcome.failure {
            throw CommandFailure(
                .partial, "\(outcome.replayed.count) sent back, then: \(Diagnosis(failure).message ?? "failed")")
        }
        let name = service.topology.service
        let hopeless = outcome.replayed.count { DeadLetter($0).errorClass == DeadLetterListing.hopeless }
        if dryRun, hopeless > 0 {
            context.warn("\(hopeless) cannot be read and would die again: shopctl queue peek \(name)")
        }
        if let stop = outcome.stop { throw stopped(stop, outcome) }
        if outcome.replayed.isEmpty, !messageID.isEmpty {
            throw CommandFailure(
                .notFound, "there is no such dead letter", hint: "shopctl queue peek \(name)",
                code: .letterMissing, object: name)
        }
        let died = outcome.count(.died)
        if died > 0 {
            throw CommandFailure(
                .partial, "\(died) of \(outcome.replayed.count) letters died again",
                hint: look(at: outcome), code: .diedAgain, object: name)
        }
        if outcome.replayed.count < Set(messageID).count {
            throw CommandFailure(.partial, "some of these letters were not found")
        }
        if outcome.count(.unconsumed) > 0 {
            context.warn("nobody consumes the inbox of \(name): they wait there; shopctl serve \(name)")
        }
        let open = outcome.count(.unknown) + outcome.count(.retried)
        if open > 0 {
            throw CommandFailure(
                .tryAgain, "of \(open) letters it is not known after \(wait) what came of them",
                hint: outcome.count(.retried) > 0 ? look(at: outcome) : "shopctl queue list", object: name)
        }
    }

    private func stopped(_ stop: ReplayPlan.Stop, _ outcome: ReplayOutcome) -> CommandFailure {
        let name = service.topology.service
        let sent = "\(outcome.replayed.count) \(outcome.replayed.count == 1 ? "was" : "were") sent back"
        let look = look(at: outcome)
        func failed(_ reason: String) -> CommandFailure {
            CommandFailure(
                .partial, "\(reason): \(sent), the others stay dead letters", hint: look, code: .replayStopped,
                object: name)
        }
        switch stop {
        case .canary(let count):
            return failed("\(count) of the letters that went first \(count == 1 ? "was" : "were") not handled")
        case .failures(let count): return failed("\(count) \(count == 1 ? "letter" : "letters") failed again")
        case .unknown(let count): return failed("of \(count) letters it is not known after \(wait) what came of them")
        case .interrupted:
            return CommandFailure(
                .partial, "interrupted: \(sent), the others stay dead letters", hint: again(outcome.replayed.count),
                code: .interrupted, object: name)
        }
    }

    /// The command that tells why letters were not handled: a saga whose step died again; else where they are now.
    private func look(at outcome: ReplayOutcome) -> String {
        let name = service.topology.service
        guard outcome.count(.died) > 0 else {
            return "shopctl queue peek \(name)" + (outcome.count(.retried) > 0 ? " --retry" : "")
        }
        let died = zip(outcome.replayed, outcome.fates).first { $0.1 == .died && $0.0.sagaOfMessage != nil }
        return died?.0.sagaOfMessage.map { "shopctl saga inspect \($0)" } ?? "shopctl queue peek \(name)"
    }

    /// The command that goes on after so many.
    private func again(_ sent: Int) -> String {
        var words = ["shopctl", "queue", "replay", service.topology.service] + filter.arguments
        words += messageID.flatMap { ["--message-id", $0] }
        if let reason = because.reason { words += ["--reason", reason] }
        if let limit { words += ["--limit", String(limit - sent)] }
        if let rate { words += ["--rate", rate.description] }
        if let canary, sent < canary { words += ["--canary", String(canary)] }
        if let stopAfterFailures { words += ["--stop-after-failures", String(stopAfterFailures)] }
        if wait != SpanArgument(seconds: 30) { words += ["--wait", wait.description] }
        return words.map(ShellText.word).joined(separator: " ")
    }
}
