import ArgumentParser
import FoundationEssentials
import Sagas

extension SagaCommand {
    /// A saga by its id, or by the order that it is about.
    enum SagaArgument: ExpressibleByArgument, Sendable, Equatable {
        case saga(UUID)
        case order(Int64)

        init?(argument: String) {
            if let id = UUID(uuidString: argument) {
                self = .saga(id)
            } else if let number = Int64(argument), number > 0 {
                self = .order(number)
            } else {
                return nil
            }
        }

        /// The saga's id.
        ///
        /// - Throws: ``CommandFailure`` if there is none.
        func find(_ reader: SagaReader) async throws -> UUID {
            switch self {
            case .saga(let id):
                guard let found = try await reader.saga(id) else {
                    throw CommandFailure(.notFound, "there is no saga \(id.uuidString.lowercased())")
                }
                return found.id
            case .order(let number):
                guard let found = try await reader.saga(about: number) else {
                    throw CommandFailure(.notFound, "there is no saga of an order \(number)")
                }
                return found.id
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
                  shopctl saga inspect 7f9c24e8-3b12-4fef-91e0-56a2d3c1b0aa -o json
                """)

        @Argument(help: ArgumentHelp("The saga's id, or that of the order.", valueName: "saga-or-order"))
        var subject: SagaArgument
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        func run(_ context: CommandContext) async throws {
            let sources = SagaSources(configuration: try settings.begin(context))
            let facts = try await sources.reading { reader in
                try await sources.facts(of: try await subject.find(reader), reader)
            }
            guard let facts else { throw CommandFailure(.notFound, "the saga has just gone") }
            output.write(SagaDossier(facts), context)
        }
    }
}
