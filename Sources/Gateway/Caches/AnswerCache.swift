import HTTPTypes
import Hummingbird
import Metrics
import Redis
import Synchronization

/// Answers that are kept for seconds as they are sent, while Redis tells of changes of what they show. While it does not,
/// nothing is kept. A change that a service could not note is seen when the time of what is kept is over.
final class AnswerCache<Key: Hashable & Sendable>: Sendable {
    private struct State {
        var isWatching = false
        var answers: KeptAnswers<Key>

        /// The answer that is kept; else the number of the load that begins, nil if nothing may be kept.
        mutating func look(for key: Key, at now: ContinuousClock.Instant) -> (answer: KeptAnswer?, load: UInt64?) {
            guard isWatching else { return (nil, nil) }
            if let answer = answers.answer(key, at: now) { return (answer, nil) }
            return (nil, answers.beginLoad(key))
        }
    }

    private let state: Mutex<State>
    private let lifetime: Duration
    private let control: HTTPField?
    private let hits: Counter
    private let misses: Counter

    /// - Parameters:
    ///   - byteLimit: The most bytes of all answers together.
    ///   - lifetime: The longest time that anything is kept.
    ///   - control: Tells others' caches what they may do with the answers; nil for whoever sends them to say.
    ///   - counter: The name of the counter of reads.
    init(byteLimit: Int, lifetime: Duration, control: HTTPField? = nil, counter: String) {
        state = Mutex(State(answers: KeptAnswers(byteLimit: byteLimit)))
        self.lifetime = lifetime
        self.control = control
        hits = Counter(label: counter, dimensions: [("result", "hit")])
        misses = Counter(label: counter, dimensions: [("result", "miss")])
    }

    /// The answer shown under a key, as it is kept or else as it is loaded.
    ///
    /// - Parameter products: The products whose change is one of the answer as well.
    /// - Throws: What `load` throws.
    func response<Body: JSONWritable>(
        _ key: Key, showing products: (Body) -> [Int64] = { _ in [] }, _ load: () async throws -> Body
    ) async throws -> Response {
        let (answer, number) = state.withLock { $0.look(for: key, at: .now) }
        if let answer {
            hits.increment()
            return Response(kept: answer)
        }
        misses.increment()
        guard let number else { return .json(try await load()) }
        return try await keep(key, number, showing: products, load)
    }

    /// Loads an answer, and keeps it unless it has changed meanwhile.
    private func keep<Body: JSONWritable>(
        _ key: Key, _ number: UInt64, showing products: (Body) -> [Int64], _ load: () async throws -> Body
    ) async throws -> Response {
        do {
            let loaded = try await load()
            let body = JSONText.encode(loaded)
            let answer = KeptAnswer(
                body: body, tag: EntityTag.strong(of: body), control: control, products: products(loaded))
            state.withLock { $0.answers.endLoad(key, number, answer, until: .now + lifetime) }
            return Response(kept: answer)
        } catch {
            state.withLock { $0.answers.endLoad(key, number, nil, until: .now) }
            throw error
        }
    }

    /// Forgets what has changed.
    func drop(_ changed: (inout KeptAnswers<Key>) -> Void) {
        state.withLock { changed(&$0.answers) }
    }

    /// Heeds what Redis tells.
    ///
    /// - Parameter drop: Forgets what the name of a changed key is about.
    func heed(_ event: RedisKeyWatch.Event, _ drop: (inout KeptAnswers<Key>, String) -> Void) {
        state.withLock { state in
            switch event {
            case .began:
                state.isWatching = true
            case .changed(let names):
                for name in names { drop(&state.answers, name) }
            case .everything:
                state.answers.dropAll()
            case .ended:
                state.isWatching = false
                state.answers.dropAll()
            }
        }
    }
}

extension Response {
    fileprivate init(kept answer: KeptAnswer) {
        var headers = answer.headers
        // With room for what every answer is sent with.
        headers.reserveCapacity(16)
        self.init(status: .ok, headers: headers, body: ResponseBody(byteBuffer: answer.body))
    }
}
