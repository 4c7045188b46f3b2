public import Sagas

/// The subject of a saga: an order or a product, by its id.
public struct SagaSubject: Sendable, Equatable, CustomStringConvertible {
    /// The kinds of things that sagas are about.
    public enum Kind: String, Sendable, CaseIterable {
        case order
        case product

        /// The service that coordinates the sagas about it.
        public var coordinator: String {
            switch self {
            case .order: OrderPlacement.definition.coordinator
            case .product: ProductDeletion.definition.coordinator
            }
        }

        /// The names of the sagas about it.
        public var sagaNames: [String] {
            switch self {
            case .order: [OrderPlacement.definition.name, OrderCancellation.definition.name]
            case .product: [ProductDeletion.definition.name]
            }
        }
    }

    public var kind: Kind
    public var id: Int64

    public init(_ kind: Kind, _ id: Int64) {
        self.kind = kind
        self.id = id
    }

    /// Reads `order:42`, `product:7`, or a bare number, which is an order's id.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let digits = parts.last, let id = Int64(digits), id > 0, !digits.hasPrefix("+") else { return nil }
        if parts.count == 1 {
            self.init(.order, id)
        } else if let kind = Kind(rawValue: String(parts[0])) {
            self.init(kind, id)
        } else {
            return nil
        }
    }

    /// As in `order 42`.
    public var description: String { "\(kind.rawValue) \(id)" }
}

extension SagaRecord {
    /// The subject of the saga; nil for a saga that this program does not know.
    public var subject: SagaSubject? {
        SagaSubject.Kind.allCases.first { $0.sagaNames.contains(name) }.map { SagaSubject($0, subjectID) }
    }

    /// The subject of the saga, for people: as in `order 42`.
    public var subjectText: String { subject?.description ?? "\(subjectID)" }
}
