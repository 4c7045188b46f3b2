import ArgumentParser
import FoundationEssentials
import Hosting
import Sagas
import ShopContracts

extension SagaCommand {
    /// A saga by its id, or by what it is about.
    enum SagaArgument: ExpressibleByArgument, Sendable, Equatable {
        case saga(UUID)
        case about(SagaSubject)

        static let help = ArgumentHelp(
            "The saga's id, that of the order, or product:ID; of several about one, the latest.",
            valueName: "saga-or-subject")

        init?(argument: String) {
            if let id = UUID(uuidString: argument) {
                self = .saga(id)
            } else if let subject = SagaSubject(argument) {
                self = .about(subject)
            } else {
                return nil
            }
        }

        /// The services that may coordinate it.
        var coordinators: [Role] {
            switch self {
            case .saga: SagaSources.coordinators
            case .about(let subject): SagaSources.coordinators.filter { $0.rawValue == subject.kind.coordinator }
            }
        }

        /// The saga's id; nil if that coordinator has none.
        func find(_ reader: SagaReader) async throws -> UUID? {
            switch self {
            case .saga(let id): try await reader.saga(id)?.id
            case .about(let subject): try await reader.saga(about: subject.id)?.id
            }
        }

        var notFound: String {
            switch self {
            case .saga(let id): "there is no saga \(id.uuidString.lowercased())"
            case .about(let subject): "there is no saga about \(subject)"
            }
        }
    }

    /// `shopctl saga inspect`
    struct SagaInspect: ShopctlCommand {
        static let configuration = CommandConfiguration(
            commandName: "inspect",
            abstract: "Show one saga: what happened, what it waits for, what to do next.",
            discussion: """
                Puts together what every service has recorded: votes, the decision, messages written and sent, what \
                each participant did, dead letters. It ends with what is awaited, where that is held up, and the \
                command that helps. Times are UTC; each service's are by its own database's clock.

                EXAMPLES:
                  shopctl saga inspect 42
                  shopctl saga inspect product:7
                  shopctl saga inspect 7f9c24e8-3b12-4fef-91e0-56a2d3c1b0aa -o json
                """)

        @Argument(help: SagaArgument.help)
        var subject: SagaArgument
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func run(_ context: CommandContext) async throws {
            let sources = SagaSources(configuration: try settings.begin(context))
            let facts = try await sources.find(subject, context) { id, reader in
                try await sources.facts(of: id, reader)
            }
            guard let facts else { throw CommandFailure(.notFound, "the saga has just gone") }
            try output.write(SagaDossier(facts), context)
        }
    }
}
