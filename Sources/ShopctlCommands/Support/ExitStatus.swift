/// The ways in which the process ends. The codes are part of the interface: scripts decide by them.
enum ExitStatus: Int32, Sendable, CaseIterable {
    case success = 0
    case failure = 1
    case no = 2
    case partial = 3
    case usage = 64
    case badData = 65
    case notFound = 66
    case unreachable = 69
    case bug = 70
    case tryAgain = 75
    case notAllowed = 77
    case badConfiguration = 78

    /// A line about it for a help text.
    var helpLine: String { "  \(rawValue)\(rawValue < 10 ? "   " : "  ")\(meaning)" }

    /// Its meaning, in a few words.
    var meaning: String {
        switch self {
        case .success: "done"
        case .failure: "failure of another kind"
        case .no: "the answer is no: --check, --wait, health, token verify, order watch"
        case .partial: "some of it was done"
        case .usage: "wrong arguments"
        case .badData: "bad data, or a state that does not allow it"
        case .notFound: "what was asked for is not there"
        case .unreachable: "a backend cannot be reached"
        case .bug: "a bug of shopctl"
        case .tryAgain: "out of time; trying again may help"
        case .notAllowed: "not allowed"
        case .badConfiguration: "configuration missing or wrong"
        }
    }
}

/// Ends a command with a status of its own, in words for whoever ran it.
struct CommandFailure: Error, Sendable {
    let status: ExitStatus
    /// The fault; nil if the output has already said it.
    let message: String?
    /// The thing to do about it.
    let hint: String?
    let code: ErrorCode
    /// The object that it is about, as in an id or a name; nil if the message says so.
    let object: String?
    /// Each of several causes.
    let causes: [String]

    init(
        _ status: ExitStatus, _ message: String? = nil, hint: String? = nil, code: ErrorCode? = nil,
        object: String? = nil, causes: [String] = []
    ) {
        self.status = status
        self.message = message
        self.hint = hint
        self.code = code ?? ErrorCode(status)
        self.object = object
        self.causes = causes
    }
}

extension CommandFailure {
    /// An order that is not there: the one error for it.
    static func orderMissing(_ id: Int64) -> CommandFailure {
        CommandFailure(
            .notFound, "there is no such order", hint: "shopctl order list", code: .orderMissing, object: "order \(id)")
    }

    /// A result that lacks what some could not tell: the one error for it.
    ///
    /// - Parameters:
    ///   - names: Those who were not asked, where they are known.
    ///   - causes: Their reasons, unless they were told before.
    static func notAllAsked(_ names: [String] = [], causes: [String] = []) -> CommandFailure {
        CommandFailure(
            .partial, "not everything could be asked", object: names.isEmpty ? nil : names.joined(separator: ", "),
            causes: causes)
    }
}

/// An error with what it is about, as in the database of a role.
struct LocatedError: Error {
    let object: String
    let cause: any Error

    /// Tells of the body's errors what they are about; those that a command has worded itself stay as they are.
    static func about<Result: Sendable>(
        _ object: String, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
    ) async throws -> Result {
        do {
            return try await body()
        } catch let error as CommandFailure {
            throw error
        } catch {
            throw LocatedError(object: object, cause: error)
        }
    }
}
