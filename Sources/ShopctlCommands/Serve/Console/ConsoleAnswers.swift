import FoundationEssentials
import Hosting
import Synchronization

/// A request that the console does not do.
struct ConsoleRefusal: Error {
    /// Of HTTP.
    let code: Int
    let diagnosis: Diagnosis

    /// - Parameter hint: The way out, for whoever sends requests; the page itself sends none that are refused.
    init(_ code: Int, _ status: ExitStatus, _ message: String, hint: String? = nil) {
        self.code = code
        diagnosis = Diagnosis(status, message, hint: hint ?? "open /console, which asks in the right form")
    }

    /// Words what does not reach a route of the console.
    static let answer: AdminRoute.Refusal = { code, message in
        AdminAnswer(ConsoleRefusal(code, code == 404 ? .notFound : .usage, message))
    }
}

extension AdminAnswer {
    private static let json = "application/json"

    /// Answers with what a command would write by `-o json`; its notes go along in a header.
    static func reporting<Result: Report>(_ body: (CommandContext) async throws -> Result) async -> AdminAnswer {
        let notes = ConsoleNotes()
        do {
            let report = try await body(notes.context)
            return AdminAnswer(
                200, type: json, body: try Renderer.text(report, as: .json, style: .plain), headers: notes.headers)
        } catch {
            var answer = AdminAnswer(error)
            answer.headers.merge(notes.headers) { own, _ in own }
            return answer
        }
    }

    /// Answers with an error in the shape that commands have for theirs.
    init(_ error: any Error) {
        let refusal = error as? ConsoleRefusal
        let diagnosis = refusal?.diagnosis ?? Diagnosis(error)
        let document: OutputRecord = ["schema_version": 1, "error": .record(diagnosis.record), "notes": .list([])]
        self.init(
            refusal?.code ?? diagnosis.status.httpStatus, type: Self.json,
            body: JSONText.pretty(.record(document)) + "\n")
        if status == 401 { headers["WWW-Authenticate"] = "Bearer realm=\"console\"" }
    }
}

extension ExitStatus {
    /// The status of HTTP that says the same.
    fileprivate var httpStatus: Int {
        switch self {
        case .success, .partial: 200
        case .usage: 400
        case .notFound: 404
        case .badData, .no: 409
        // It is a backend that refuses this process, not this process its caller.
        case .unreachable, .tryAgain, .notAllowed, .badConfiguration: 503
        case .failure, .bug: 500
        }
    }
}

/// The notes of a command's code that runs for the console.
private final class ConsoleNotes: Sendable {
    private let lines = Mutex<[String]>([])

    var context: CommandContext {
        CommandContext(
            environment: [:], standardInput: { [] }, standardOutput: { _ in },
            standardError: { line in self.lines.withLock { $0.append(line) } }, isOutputTerminal: false,
            now: { Date() }, startLogging: { _, _, _ in }, obeysSignals: false)
    }

    /// As one line of ASCII.
    var headers: [String: String] {
        let text = lines.withLock { $0 }.joined(separator: " ").split(whereSeparator: \.isWhitespace)
            .joined(separator: " ")
        guard !text.isEmpty else { return [:] }
        return [
            "Shopctl-Notes": String(String.UnicodeScalarView(text.unicodeScalars.map { $0.isPrintable ? $0 : "?" }))
        ]
    }
}

extension Unicode.Scalar {
    fileprivate var isPrintable: Bool { (0x20...0x7E).contains(value) }
}

/// Asks something once for all who want to know it at the same time, and keeps the answer for a moment.
actor SharedAnswer {
    private static let age = Duration.seconds(2)

    private let ask: @Sendable (HostPort) async -> AdminAnswer
    private var kept: (at: ContinuousClock.Instant, answer: AdminAnswer)?
    private var running: Task<AdminAnswer, Never>?

    init(_ ask: @escaping @Sendable (HostPort) async -> AdminAnswer) {
        self.ask = ask
    }

    /// - Parameter listener: The address of the admin listener.
    func answer(_ listener: HostPort) async -> AdminAnswer {
        if let kept, ContinuousClock.now - kept.at < Self.age { return kept.answer }
        if let running { return await running.value }
        let task = Task { [ask] in await ask(listener) }
        running = task
        let answer = await task.value
        running = nil
        kept = (ContinuousClock.now, answer)
        return answer
    }
}

/// Counts the answers that are being gathered.
final class ConsoleTurns: Sendable {
    private let limit: Int
    private let taken = Mutex(0)

    init(limit: Int) {
        self.limit = limit
    }

    /// - Returns: False if there are enough.
    func take() -> Bool {
        taken.withLock { taken in
            guard taken < limit else { return false }
            taken += 1
            return true
        }
    }

    func give() { taken.withLock { $0 -= 1 } }
}
