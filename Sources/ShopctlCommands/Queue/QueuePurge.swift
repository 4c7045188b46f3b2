import ArgumentParser
import Events
import Hosting
import Logging
import RabbitMQ

extension QueueCommand {
    /// `shopctl queue purge`
    struct QueuePurge: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "purge",
            abstract: "Throw away everything that waits in a queue, for good.",
            discussion: """
                Wants the queue's name once more: typed at a terminal, as --confirm in scripts. The reason is kept in \
                the audit trail of the queue's service, before anything goes: without that database nothing is purged. \
                What consumers have taken and not acknowledged stays. Messages of sagas are sent again by their \
                coordinators, those of an outbox by 'outbox replay'; dead letters are gone: export them first.

                EXAMPLES:
                  shopctl queue export products.dead.v2 > letters.jsonl
                  shopctl queue purge products.dead.v2 --reason "all from a test" --dry-run
                  shopctl queue purge products.dead.v2 --reason "all from a test"
                  shopctl queue purge products.dead.v2 --reason "all from a test" \\
                    --confirm products.dead.v2
                """)

        @Argument(help: ArgumentHelp("The queue, by its whole name.", valueName: "queue"))
        var queue: QueueArgument
        @OptionGroup var because: DeedReason
        @Option(help: ArgumentHelp("The queue's name once more, instead of typing it.", valueName: "name"))
        var confirm: String?
        @Flag(help: "Only count what would be thrown away.")
        var dryRun = false
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func validate() throws {
            guard queue.isWhole else {
                let names = queue.service.queues.map(\.name).joined(separator: ", ")
                throw ValidationError("name the queue, not its service: \(names)")
            }
        }

        func run(_ context: CommandContext) async throws {
            let configuration = try settings.begin(context)
            if !dryRun { try checkName(context) }
            let broker = try configuration.broker(name: "shopctl-purge")
            // In a dry run too.
            let count = try await LocatedError.about(queue.name) {
                try await DeedTrail.writing(of: queue.service.service, because: because.reason, configuration) {
                    try await purge(broker, $0)
                }
            }
            try output.write(
                PurgeReport(queue: queue.name, isDryRun: dryRun, reason: because.reason, count: count), context,
                deed: "\(count) messages \(dryRun ? "would be" : "are") thrown away")
        }

        private func checkName(_ context: CommandContext) throws {
            var typed = confirm
            if typed == nil, context.isInputTerminal {
                context.standardError("everything in \(queue.name) will be gone; type its name: ")
                typed = context.readLine()
            }
            guard typed != queue.name else { return }
            throw CommandFailure(
                .usage, typed == nil ? "its name was not typed" : "that is not its name",
                hint:
                    "shopctl queue purge \(queue.name) --reason \(ShellText.word(because.reason)) --confirm \(queue.name)",
                code: .nameNotTyped, object: queue.name)
        }

        private func purge(_ broker: RabbitMQConfiguration, _ audit: DeedTrail) async throws -> Int {
            let admin = RabbitMQAdmin(configuration: broker, logger: .command("purge"))
            let result: Result<Int, any Error>
            do {
                let count = try await admin.checkQueue(queue.name).messages
                if dryRun {
                    result = .success(count)
                } else {
                    try await audit.note("queue.purge \(queue.name) (\(count))")
                    result = .success(try await admin.purge(queue.name))
                }
            } catch let error as RabbitMQError where error.kind == .notFound {
                result = .failure(CommandFailure.missingQueues([queue.name]))
            } catch {
                result = .failure(error)
            }
            await admin.close()
            return try result.get()
        }
    }
}

/// The messages that were thrown away.
struct PurgeReport: Report {
    let queue: String
    let isDryRun: Bool
    let reason: String
    let count: Int

    var body: ReportBody {
        .one([
            "queue": .text(queue), "dry_run": .bool(isDryRun), "reason": .text(reason), "count": .count(count),
        ])
    }

    func table(_ style: TextStyle) -> String {
        let verb = isDryRun ? "would be thrown away" : "thrown away"
        return "\(count) \(count == 1 ? "message" : "messages") of \(queue) \(verb)\n"
    }
}
