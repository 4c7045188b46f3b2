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
                warning says so.

                Exit status 3: some died again, or were not sent back; 75: of some it is not known yet.

                EXAMPLES:
                  shopctl queue replay products --dry-run
                  shopctl queue replay products
                  shopctl queue replay products --wait 10m
                  shopctl queue replay products --message-id 7f9c24e8-3b12
                """)

        @Argument(help: ArgumentHelp("Whose dead letters.", valueName: "service"))
        var service: ServiceArgument
        @Option(help: ArgumentHelp("How many at most; by default all that are there now.", valueName: "count"))
        var limit: Int?
        @Option(help: ArgumentHelp("Only the letter with this id, or its beginning; may be repeated.", valueName: "id"))
        var messageID: [String] = []
        @Flag(help: "Only show what would be sent back.")
        var dryRun = false
        @Option(help: ArgumentHelp("How long to wait for what comes of them; 0 for not at all.", valueName: "span"))
        var wait = SpanArgument(seconds: 30)
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func validate() throws {
            guard (limit ?? 1) > 0 else { throw ValidationError("--limit must be more than zero") }
        }

        func run(_ context: CommandContext) async throws {
            let broker = try settings.begin(context).broker(name: "shopctl-replay")
            let observer = ReplayObserver(topology: service.topology, broker: broker)
            let outcome: ReplayOutcome
            do {
                outcome = try await replay(broker, observer)
            } catch {
                await observer.close()
                throw error
            }
            await observer.close()
            try output.write(outcome, context, deed: "\(outcome.replayed.count) \(dryRun ? "would be " : "")sent back")
            try conclude(outcome, context)
        }

        private func replay(_ broker: RabbitMQConfiguration, _ observer: ReplayObserver) async throws -> ReplayOutcome {
            var replay = DeadLetterReplay(
                topology: service.topology, broker: broker, limit: limit,
                wanted: LetterSelection(messageID), isDryRun: dryRun)
            let isWaiting = !dryRun && wait.seconds > 0
            if isWaiting { replay.receipts = try await observer.queue() }
            var outcome = try await replay.run()
            // What has been done is told; if that is nothing, the cause alone decides.
            if let failure = outcome.failure, outcome.replayed.isEmpty { throw failure }
            if isWaiting, outcome.failure == nil, !outcome.replayed.isEmpty {
                outcome.fates = await observer.fates(of: outcome.receiptIDs, within: wait)
            }
            return outcome
        }

        private func conclude(_ outcome: ReplayOutcome, _ context: CommandContext) throws {
            if let failure = outcome.failure {
                throw CommandFailure(
                    .partial, "\(outcome.replayed.count) sent back, then: \(Diagnosis(failure).message ?? "failed")")
            }
            let name = service.topology.service
            if outcome.replayed.isEmpty, !messageID.isEmpty {
                throw CommandFailure(
                    .notFound, "there is no such dead letter", hint: "shopctl queue peek \(name)",
                    code: .letterMissing, object: name)
            }
            let died = outcome.count(.died)
            if died > 0 {
                throw CommandFailure(
                    .partial, "\(died) of \(outcome.replayed.count) letters died again",
                    hint: "shopctl queue peek \(name)", code: .diedAgain, object: name)
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
                    hint: "shopctl queue list", object: name)
            }
        }
    }
}

/// Letters by their ids or the beginnings of those; without any, all.
struct LetterSelection: Sendable {
    private let beginnings: [String]

    init(_ ids: [String]) { beginnings = ids.map { $0.lowercased() } }

    /// The most letters that there can be; nil for any number.
    var most: Int? { beginnings.isEmpty || beginnings.contains { $0.count < 36 } ? nil : Set(beginnings).count }

    func contains(_ letter: Delivery) -> Bool {
        guard !beginnings.isEmpty else { return true }
        let id = letter.properties.messageID?.lowercased() ?? ""
        return beginnings.contains { !$0.isEmpty && id.hasPrefix($0) }
    }
}
