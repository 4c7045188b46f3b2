import Events

extension BranchState {
    private enum Word: String { case claimed, tried, refused, confirmed, cancelled }

    /// The word of a row whose state is not decided yet.
    static let undecided = Word.claimed.rawValue

    /// The word for it in a row.
    public var word: String {
        let word: Word =
            switch self {
            case .tried: .tried
            case .refused: .refused
            case .confirmed: .confirmed
            case .cancelled: .cancelled
            }
        return word.rawValue
    }

    /// The reason of a refusal.
    public var refusal: SagaRefusal? {
        if case .refused(let refusal) = self { refusal } else { nil }
    }

    /// The state that a row holds; nil while it is not decided.
    ///
    /// - Throws: ``UnknownStoredValue`` for any other word, and for a refusal without its reason.
    init?(stored word: String, _ refusal: SagaRefusal?) throws(UnknownStoredValue) {
        switch try Word(stored: word, of: "state of a saga's branch") {
        case .claimed: return nil
        case .tried: self = .tried
        case .refused:
            guard let refusal else {
                throw UnknownStoredValue("refused, for no reason", of: "state of a saga's branch")
            }
            self = .refused(refusal)
        case .confirmed: self = .confirmed
        case .cancelled: self = .cancelled
        }
    }
}
