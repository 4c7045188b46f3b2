import ArgumentParser
import Events
import FoundationEssentials
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
        @Option(
            help: ArgumentHelp(
                "The letter with this id, or its beginning, as far as only one begins so; may be repeated.",
                valueName: "id"))
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
            let broker = try configuration.broker(name: "shopctl-drop")
            let outcome = try await LocatedError.about("dead letters of \(name)") {
                let drop = DeadLetterDrop(
                    topology: service.topology, broker: broker, wanted: try await wanted(broker, now: context.now()),
                    isDryRun: dryRun)
                return try await DeedTrail.writing(of: name, because: because.reason, configuration, drop.run)
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

extension QueueCommand.QueueDrop {
    /// The letters that are meant: of the beginning of an id the one with that very id, or the one whose id begins so.
    ///
    /// - Throws: ``CommandFailure`` where several ids begin so, unless that is confirmed.
    private func wanted(_ broker: RabbitMQConfiguration, now: Date) async throws -> LetterSelection {
        let wanted = LetterSelection(messageID, filter.filters, now: now)
        guard !messageID.isEmpty else { return wanted }
        let topology = service.topology
        var found: Set<String> = []
        do {
            try await DeadLetterQueue(topology: topology, broker: broker, logger: .command("drop")).walk(atOnce: 64) {
                _ in
                { letter in
                    if wanted.contains(letter), let id = letter.properties.messageID { found.insert(id) }
                    return .keep
                }
            }
        } catch let error as RabbitMQError where error.kind == .notFound {
            throw CommandFailure.missingQueues([topology.dead])
        }
        var meant: Set<String> = []
        for beginning in messageID.map({ $0.lowercased() }) {
            let exact = found.filter { $0.lowercased() == beginning }
            let ids = exact.isEmpty ? found.filter { $0.lowercased().hasPrefix(beginning) } : exact
            guard ids.count <= 1 || yes || dryRun else { throw ambiguous(beginning, ids.sorted()) }
            meant.formUnion(ids)
        }
        return wanted.with(ids: meant)
    }

    private func ambiguous(_ beginning: String, _ ids: [String]) -> CommandFailure {
        let name = service.topology.service
        let words =
            ["shopctl", "queue", "drop", name] + messageID.flatMap { ["--message-id", $0] } + filter.arguments
            + ["--reason", because.reason, "--dry-run"]
        let more = ids.count > 20 ? ["and \(ids.count - 20) more"] : []
        let names = (ids.prefix(20) + more).joined(separator: ", ")
        return CommandFailure(
            .usage,
            "\(ids.count) ids begin with \(beginning) (\(names)): name one whole; for all of them"
                + String(UsageError.confirmation.dropFirst()),
            hint: words.map(ShellText.word).joined(separator: " "), object: name)
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
