/// The answer of a source, or why it has not.
enum StatusAnswer<Value: Sendable>: Sendable {
    case found(Value)
    /// It refuses or does not answer: the reason, the command that goes on, and the kind of the error.
    case away(reason: String, next: String, code: ErrorCode = .failure)
    /// Nothing says where it is.
    case notSet

    /// Asks; a source that fails costs nothing but its own answer.
    ///
    /// - Parameters:
    ///   - isSet: Whether anything says where the source is.
    ///   - place: Its address, without a password, to be told if it is away.
    static func asking(isSet: Bool, at place: String? = nil, _ body: () async throws -> Value) async -> StatusAnswer {
        guard isSet else { return .notSet }
        do { return .found(try await body()) } catch { return StatusAnswer(error).located(place) }
    }

    private func located(_ place: String?) -> StatusAnswer {
        guard case .away(let reason, let next, let code) = self, let place, !reason.contains(place) else { return self }
        return .away(reason: "\(place): \(reason)", next: next, code: code)
    }

    init(_ error: any Error) {
        let diagnosis = Diagnosis(error)
        // Some hints are advice in words.
        let hint = diagnosis.hint.flatMap { $0.hasPrefix("shopctl ") ? $0 : nil }
        // PostgreSQL's words come in lines with tabs.
        let words = MigrationFailures.text(of: error).split(whereSeparator: \.isWhitespace)
        self = .away(
            reason: words.joined(separator: " "),
            next: hint ?? ErrorExplanation(diagnosis.code).next.first ?? "shopctl doctor", code: diagnosis.code)
    }

    var value: Value? { if case .found(let value) = self { value } else { nil } }

    var reason: String? { if case .away(let reason, _, _) = self { reason } else { nil } }

    /// The kind of the error of one that is away.
    var code: ErrorCode? { if case .away(_, _, let code) = self { code } else { nil } }

    var isSet: Bool { if case .notSet = self { false } else { true } }

    /// The word for programs.
    var word: String {
        switch self {
        case .found: "ok"
        case .away: "away"
        case .notSet: "not_set"
        }
    }
}
