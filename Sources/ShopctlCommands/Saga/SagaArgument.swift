import ArgumentParser
import FoundationEssentials
import Hosting
import Postgres
import Sagas
import ShopContracts

extension SagaCommand {
    /// A saga by its id, or by what it is about.
    enum SagaArgument: ExpressibleByArgument, Sendable, Equatable {
        case saga(UUID)
        /// The beginning of an id, as tables show it.
        case beginning(String)
        case about(SagaSubject)

        static let help = ArgumentHelp(
            "The saga's id or its beginning, the order's id, or product:ID; of several the latest.",
            valueName: "saga-or-subject")

        init?(argument: String) {
            if let id = UUID(uuidString: argument) {
                self = .saga(id)
            } else if let subject = SagaSubject(argument) {
                self = .about(subject)
            } else if Self.isBeginning(argument) {
                self = .beginning(argument.lowercased())
            } else {
                return nil
            }
        }

        /// Whether it is eight hexadecimal digits of an id and more; digits alone are an order's.
        private static func isBeginning(_ text: String) -> Bool {
            let digits = text.filter { $0 != "-" }
            let isHex = digits.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0 | 0x20) }
            return isHex && (8..<32).contains(digits.count) && !text.hasPrefix("-")
                && text.contains { !("0"..."9").contains($0) }
        }

        /// The services that may coordinate it.
        var coordinators: [Role] {
            switch self {
            case .saga, .beginning: SagaSources.coordinators
            case .about(let subject): SagaSources.coordinators.filter { $0.rawValue == subject.kind.coordinator }
            }
        }

        /// The saga's id; nil if that coordinator has none.
        func find(_ reader: SagaReader, _ database: PostgresClient) async throws -> UUID? {
            switch self {
            case .beginning(let text): try await SagaSources.saga(idPrefix: text, in: database)
            case .saga(let id): try await reader.saga(id)?.id
            case .about(let subject): try await reader.saga(about: subject.id, names: subject.kind.sagaNames)?.id
            }
        }

        var notFound: String {
            switch self {
            case .saga(let id): "there is no saga \(id.uuidString.lowercased())"
            case .beginning(let text): "there is no saga whose id begins with \(text)"
            case .about(let subject): "there is no saga about \(subject)"
            }
        }
    }
}
