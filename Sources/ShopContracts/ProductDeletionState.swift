/// The states of a product's deletion, as its seller is told them.
public enum ProductDeletionState: String, Sendable, CaseIterable {
    /// Its saga has not decided yet.
    case deleting
    case deleted
    /// The deletion was refused.
    case kept
}
