import ArgumentParser
import Events
import FoundationEssentials
import Hosting
import Logging
import RabbitMQ

extension QueueCommand {
    /// `shopctl queue import`
    struct QueueImport: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "import",
            abstract: "Put exported messages back, among the dead letters or into the inbox.",
            discussion: """
                Reads what 'queue export' has written, a message a line; each goes to the service that its line names. \
                Every line is checked before anything is sent: a bad one is named with the member at fault, and nothing \
                is imported. In the inbox a message starts with a fresh count of tries; one that was handled before is \
                not handled again. The audit trail of each service says how many go into which queue, with the reason, \
                before they do: without those databases nothing is imported.

                Exit status 65: a line is bad; 3: the broker did not take all of them.

                EXAMPLES:
                  shopctl queue import letters.jsonl --dry-run
                  shopctl queue import letters.jsonl --reason "the outage is over"
                  jq -c 'select(.properties.type == "order.confirmed")' letters.jsonl |
                    shopctl queue import - --to inbox
                """)

        /// The queue of its service into which a message goes.
        enum Destination: String, CaseIterable, ExpressibleByArgument, Sendable {
            case dead, inbox
        }

        @Argument(
            help: ArgumentHelp("The file; - for standard input.", valueName: "file"), completion: .file())
        var file: String
        @Option(help: "The queue of its service into which each message goes.")
        var to = Destination.dead
        @OptionGroup var deed: DeedOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func run(_ context: CommandContext) async throws {
            let lines = try Self.lines(of: try Descriptor.readFile(file, limit: 1 << 30, context), file)
            let configuration = try settings.begin(context)
            let broker = try configuration.broker(name: "shopctl-import")
            let messages = lines.map { line in
                let queue = to == .dead ? line.service.dead : line.service.inbox
                return DeadLetter.restored(line.properties, line.body, to: queue, isReplayed: to == .inbox)
            }
            for (index, message) in messages.enumerated() {
                do { try message.check() } catch { throw Self.fault(lines[index].number, file, error.text) }
            }
            let queues = Set(messages.map(\.routingKey)).sorted()
            try await QueueCommand.withAdmin(broker) { admin in
                var missing: [String] = []
                for queue in queues where try await admin.status(queue) == nil { missing.append(queue) }
                if !missing.isEmpty { throw CommandFailure.missingQueues(missing) }
            }
            try await note(lines, configuration)
            var report = ImportReport(isDryRun: deed.dryRun, queues: queues)
            report.imported = deed.dryRun ? messages : []
            let failure = deed.dryRun ? nil : await publish(messages, broker, &report)
            // If nothing was done the cause alone decides.
            if let failure, report.imported.isEmpty { throw failure }
            try output.write(report, context, deed: "\(report.imported.count) messages are imported")
            guard let failure else { return }
            throw CommandFailure(
                .partial,
                "\(report.imported.count) of \(messages.count) imported, then: \(Diagnosis(failure).message ?? "failed")",
                hint: "shopctl queue list", object: file)
        }

        /// Notes in the trail of each service how many messages go into which of its queues.
        private func note(_ lines: [NumberedLine], _ configuration: ShopConfiguration) async throws {
            let counts = Dictionary(grouping: lines) { $0.service.service }.mapValues(\.count)
            // All trails are asked before one is written.
            for isNoting in deed.dryRun ? [false] : [false, true] {
                for service in Topology.shop.services {
                    guard let count = counts[service.service] else { continue }
                    let queue = to == .dead ? service.dead : service.inbox
                    try await DeedTrail.writing(of: service.service, because: deed.reason, configuration) { audit in
                        if isNoting { try await audit.note("queue.import \(queue) (\(count))") }
                    }
                }
            }
        }

        /// Sends them in the order of the lines.
        ///
        /// - Returns: What ended it before its end.
        private func publish(
            _ messages: [RabbitMQMessage], _ broker: RabbitMQConfiguration, _ report: inout ImportReport
        ) async -> (any Error)? {
            let publisher = RabbitMQPublisher(configuration: broker, logger: .command("import"))
            var failure: (any Error)?
            var rest = messages[...]
            while failure == nil, !rest.isEmpty {
                let part = Array(rest.prefix(64))
                rest = rest.dropFirst(part.count)
                do {
                    for (message, outcome) in zip(part, try await publisher.publish(part)) {
                        if outcome == .confirmed {
                            report.imported.append(message)
                        } else {
                            failure = CommandFailure(
                                .unreachable, "the broker did not take a message for \(message.routingKey)")
                        }
                    }
                } catch {
                    failure = error
                }
            }
            await publisher.close()
            return failure
        }
    }
}

extension QueueCommand.QueueImport {
    /// A line of the file that is a message.
    @dynamicMemberLookup
    struct NumberedLine: Sendable {
        /// From 1 on.
        let number: Int
        let line: MessageLine

        subscript<Value>(dynamicMember path: KeyPath<MessageLine, Value>) -> Value { line[keyPath: path] }
    }

    /// - Throws: ``CommandFailure`` that names the first line which is none.
    static func lines(of bytes: [UInt8], _ file: String) throws -> [NumberedLine] {
        let decoder = JSONDecoder()
        var lines: [NumberedLine] = []
        for (index, text) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            guard text.contains(where: { $0 != 0x20 && $0 != 0x0D && $0 != 0x09 }) else { continue }
            do {
                lines.append(
                    NumberedLine(number: index + 1, line: try decoder.decode(MessageLine.self, from: Data(text))))
            } catch let error as DecodingError {
                throw fault(index + 1, file, words(error))
            }
        }
        guard !lines.isEmpty else {
            throw CommandFailure(
                .badData, "there is no message in it", hint: "shopctl queue export --help", code: .importLine,
                object: file)
        }
        return lines
    }

    fileprivate static func fault(_ number: Int, _ file: String, _ text: String) -> CommandFailure {
        CommandFailure(
            .badData, "line \(number): \(text); nothing was imported", hint: "shopctl queue export --help",
            code: .importLine, object: file)
    }

    private static func words(_ error: DecodingError) -> String {
        func name(_ path: [any CodingKey], _ last: (any CodingKey)? = nil) -> String {
            let words = (path + (last.map { [$0] } ?? [])).map { $0.intValue.map { String($0) } ?? $0.stringValue }
            return words.isEmpty ? "it" : words.joined(separator: ".")
        }
        switch error {
        case .keyNotFound(let key, let context): return "\(name(context.codingPath, key)) is missing"
        case .valueNotFound(_, let context): return "\(name(context.codingPath)) is null"
        case .typeMismatch(let type, let context):
            let kind = type is String.Type ? "a text" : type is any FixedWidthInteger.Type ? "a number" : "an object"
            return "\(name(context.codingPath)) is not \(kind)"
        case .dataCorrupted(let context):
            return context.codingPath.isEmpty
                ? "it is no JSON" : "\(name(context.codingPath)) \(context.debugDescription)"
        @unknown default: return "it cannot be read"
        }
    }
}

/// The messages that were put back.
struct ImportReport: Report {
    let isDryRun: Bool
    /// The queues into which they go.
    let queues: [String]
    var imported: [RabbitMQMessage] = []

    private func count(_ queue: String) -> Int { imported.count { $0.routingKey == queue } }

    var body: ReportBody {
        .one([
            "dry_run": .bool(isDryRun),
            "count": .count(imported.count),
            "queues": .records(queues.map { ["queue": .text($0), "count": .count(count($0))] }),
        ])
    }

    func table(_ style: TextStyle) -> String {
        let verb = isDryRun ? "would be imported" : "imported"
        return queues.map { "\(count($0))  \($0)\n" }.joined()
            + "\(imported.count) \(imported.count == 1 ? "message" : "messages") \(verb)\n"
    }
}
