import ArgumentParser
import Events
import Hosting
import Logging
import RabbitMQ

extension QueueCommand {
    /// `shopctl queue drop`
    struct QueueDrop: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "drop",
            abstract: "Throw dead letters of a service away, for good.",
            discussion: """
                For what can never be handled, and whose loss has been made good otherwise. The reason is kept in the \
                service's audit trail, a line for each letter, before it goes: without that database nothing is \
                dropped. A saga whose message is dropped does not go on by it.

                EXAMPLES:
                  shopctl queue peek products
                  shopctl queue drop products --message-id 7f9c24e8 --reason test --dry-run
                  shopctl queue drop products --message-id 7f9c24e8 --reason test
                  shopctl queue drop products --filter type=test.odd --dry-run --reason "?"
                  shopctl queue drop products --all --yes --reason "sent by a stranger"
                """)

        @Argument(help: ArgumentHelp("Whose dead letters.", valueName: "service"))
        var service: ServiceArgument
        @Option(help: ArgumentHelp("The letter with this id, or its beginning; may be repeated.", valueName: "id"))
        var messageID: [String] = []
        @Flag(help: "Every dead letter of the service that is there now; wants --yes, as --filter does.")
        var all = false
        @OptionGroup var filter: LetterFilterOptions
        @OptionGroup var because: DeedReason
        @Flag(help: "Only show what would be dropped.")
        var dryRun = false
        @Flag(help: "Do it, though it is many.")
        var yes = false
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func validate() throws {
            let isNamed = !messageID.isEmpty || !filter.filters.isEmpty
            guard isNamed != all, messageID.allSatisfy({ $0.count >= 8 }) else {
                throw ValidationError("say which: --message-id, at least 8 characters of it, --filter, or --all")
            }
            guard !messageID.isEmpty || yes || dryRun else {
                let what = all ? "--all drops every dead letter of the service" : "--filter may drop many"
                throw ValidationError("\(what)\(UsageError.confirmation)")
            }
        }

        func run(_ context: CommandContext) async throws {
            let configuration = try settings.begin(context)
            let name = service.topology.service
            let drop = DeadLetterDrop(
                topology: service.topology, broker: try configuration.broker(name: "shopctl-drop"),
                wanted: LetterSelection(messageID, filter.filters, now: context.now()), isDryRun: dryRun)
            let outcome = try await LocatedError.about("dead letters of \(name)") {
                try await DeedTrail.writing(of: name, because: because.reason, configuration, drop.run)
            }
            let dropped = outcome.letters
            guard !dropped.isEmpty || messageID.isEmpty else {
                throw CommandFailure(
                    .notFound, "there is no such dead letter", hint: "shopctl queue peek \(name)",
                    code: .letterMissing, object: name)
            }
            try output.write(
                DropReport(service: name, isDryRun: dryRun, reason: because.reason, letters: dropped), context,
                deed: "\(dropped.count) letters \(dryRun ? "would be" : "are") dropped")
            if let failure = outcome.failure {
                throw CommandFailure(
                    .partial, "\(dropped.count) dropped, then: \(Diagnosis(failure).message ?? "failed")",
                    hint: "shopctl queue peek \(name)", object: name)
            }
            if dropped.count < Set(messageID).count {
                throw CommandFailure(
                    .partial, "some of these letters were not found", hint: "shopctl queue peek \(name)", object: name)
            }
        }
    }
}

/// The letters that were thrown away.
struct DropReport: Report {
    let service: String
    let isDryRun: Bool
    let reason: String
    let letters: [Delivery]

    var body: ReportBody {
        .one([
            "service": .text(service),
            "dry_run": .bool(isDryRun),
            "reason": .text(reason),
            "count": .count(letters.count),
            "messages": .records(
                letters.map { letter in
                    [
                        "message_id": .optional(letter.properties.messageID),
                        "type": .optional(letter.properties.type),
                        "saga_id": .optional(letter.properties.correlationID),
                    ]
                }),
        ])
    }

    func table(_ style: TextStyle) -> String {
        let lines = letters.map { letter in
            let name = "\(letter.properties.messageID ?? "(no message id)")  \(letter.properties.type ?? "(no type)")"
            return (isDryRun ? "would drop " : "dropped ") + Printable.line(name) + "\n"
        }
        let count = "\(letters.count) dead \(letters.count == 1 ? "letter" : "letters") of \(service)"
        return lines.joined() + "\(count) \(isDryRun ? "would be dropped" : "dropped")\n"
    }
}
