import ArgumentParser
import FoundationEssentials
import Sagas
import ShopContracts

extension SagaCommand {
    /// `shopctl saga inspect`
    struct SagaInspect: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "inspect",
            abstract: "Show one saga: what happened, what it waits for, what to do next.",
            discussion: """
                Puts together what every service has recorded: votes, the decision, messages written and sent, what \
                each participant did, dead letters. It ends with what is awaited, where that is held up, and the \
                command that helps. Times are UTC; each service's are by its own database's clock. If a source \
                cannot be asked the rest is shown (exit status 3).

                --graph writes the saga as a picture for Mermaid or Graphviz; --all shows every saga about the same \
                order or product, the oldest first.

                EXAMPLES:
                  shopctl saga inspect 1
                  shopctl saga inspect product:2
                  shopctl saga inspect 7f9c24e8-3b12-4fef-91e0-56a2d3c1b0aa -o json
                  shopctl saga inspect 1 --all
                  shopctl saga inspect 1 --watch
                  shopctl saga inspect 1 --graph dot | dot -T svg
                """)

        @Argument(help: SagaArgument.help)
        var subject: SagaArgument
        @Flag(help: "Every saga about the same order or product.")
        var all = false
        @Option(help: ArgumentHelp("Write it as a picture instead, in this language.", valueName: "language"))
        var graph: GraphLanguage?
        @Flag(help: "Show it again every 2 s, until stopped.")
        var watch = false
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func validate() throws {
            guard graph == nil || !output.output.isForPrograms else {
                throw ValidationError("--graph is a text of its own: leave -o \(output.output.rawValue) out")
            }
        }

        func run(_ context: CommandContext) async throws {
            let sources = SagaSources(try settings.begin(context), context)
            try await Watch.run(watch, context, output) { context in
                let facts = try await sources.find(subject, context) { id, reader in
                    var facts: [SagaFacts] = []
                    for id in all ? try await Self.related(id, reader) : [id] {
                        if let found = try await sources.facts(of: id, reader) { facts.append(found) }
                    }
                    return facts
                }
                guard !facts.isEmpty else { throw CommandFailure(.notFound, "the saga has just gone") }
                let dossiers = facts.map(SagaDossier.init)
                try write(dossiers, context)
                try Self.conclude(dossiers)
            }
        }

        private func write(_ dossiers: [SagaDossier], _ context: CommandContext) throws {
            if let graph {
                try output.write(
                    SagaDrawing(graphs: dossiers.map { SagaGraph($0.facts) }, language: graph), context)
            } else if all {
                try output.write(SagaDossiers(dossiers: dossiers), context)
            } else {
                for dossier in dossiers { try output.write(dossier, context) }
            }
        }

        /// All sagas about what that one is about, the oldest first.
        private static func related(_ id: UUID, _ reader: SagaReader) async throws -> [UUID] {
            guard let saga = try await reader.saga(id), let subject = saga.subject else { return [id] }
            return try await reader.sagas(about: subject.id, names: subject.kind.sagaNames).map(\.id)
        }

        private static func conclude(_ dossiers: [SagaDossier]) throws {
            var reasons: [String: String] = [:]
            for item in dossiers.flatMap(\.notAsked) { reasons[item.service] = item.reason }
            guard !reasons.isEmpty else { return }
            let names = reasons.keys.sorted()
            throw CommandFailure.notAllAsked(names, causes: names.map { "\($0): \(reasons[$0] ?? "")" })
        }
    }
}

/// Several sagas with all that is known of them.
struct SagaDossiers: Report {
    let dossiers: [SagaDossier]

    var schemaVersion: Int64 { 2 }
    var body: ReportBody { .many("sagas", dossiers.map(\.record)) }

    func table(_ style: TextStyle) -> String {
        dossiers.map { $0.table(style) }.joined(separator: "\n----\n\n")
    }
}
