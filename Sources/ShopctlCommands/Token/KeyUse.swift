import FoundationEssentials

/// The tokens of a key that may be alive, and would be refused without it.
enum KeyUse: Equatable {
    /// It signs, and cannot be retired.
    case signs
    /// It does not sign, and its file does not say until when it has: perhaps it never has.
    case unknown
    /// Customers' tokens, and those of 'token issue', until the time by which all have ended.
    case customers(Date)
    /// Tokens of 'token issue' with a long life, until the time by which all have ended.
    case issued(Date)
    /// The last of its tokens has ended.
    case nothing

    /// The longest that a token of 'token issue' lives.
    static let longestToken: TimeInterval = 31 * 86_400
    /// The life of the tokens that customers sign in for.
    static let customersToken: TimeInterval = 900

    init(isActive: Bool, signingEnd: Date?, now: Date) {
        guard !isActive else {
            self = .signs
            return
        }
        guard let signingEnd else {
            self = .unknown
            return
        }
        let age = now.timeIntervalSince(signingEnd)
        if age < Self.customersToken {
            self = .customers(signingEnd + Self.longestToken)
        } else {
            self = age < Self.longestToken ? .issued(signingEnd + Self.longestToken) : .nothing
        }
    }

    /// The word for programs.
    var word: String {
        switch self {
        case .signs: "signs"
        case .unknown: "unknown"
        case .customers: "customers"
        case .issued: "issued"
        case .nothing: "nothing"
        }
    }

    /// The time by which the last token of it has ended; nil for none that is known.
    var until: Date? {
        switch self {
        case .customers(let date), .issued(let date): date
        default: nil
        }
    }

    var text: String {
        switch self {
        case .signs: "it signs: rotate first"
        case .unknown: "nothing, if it has never signed"
        case .customers: "customers' tokens"
        case .issued: "tokens of 'token issue'"
        case .nothing: "nothing"
        }
    }
}
