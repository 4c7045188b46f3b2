import Synchronization

/// An end to patience with work, whether the work heeds it or not.
enum TimeLimit {
    /// A continuation that is resumed by whoever comes first.
    private final class First: Sendable {
        private let continuation: Mutex<CheckedContinuation<Void, any Error>?>

        init(_ continuation: CheckedContinuation<Void, any Error>) { self.continuation = Mutex(continuation) }

        func end(_ result: Result<Void, any Error>) {
            let waiting = continuation.withLock { continuation in
                defer { continuation = nil }
                return continuation
            }
            waiting?.resume(with: result)
        }
    }

    /// The thing that the work waits for, which its end by the limit is to name.
    final class Awaited: Sendable {
        private let current = Mutex<(text: String, hint: String)?>(nil)

        func set(_ text: String, hint: String) { current.withLock { $0 = (text, hint) } }

        fileprivate var value: (text: String, hint: String)? { current.withLock { $0 } }
    }

    /// That of the work that runs; nil where nothing limits it.
    @TaskLocal static var awaited: Awaited?

    /// Runs the body for as long as it may take.
    ///
    /// - Parameter limit: Nil for as long as it takes.
    /// - Throws: ``CommandFailure`` if that was not long enough; what the body throws.
    static func run(_ limit: SpanArgument?, _ body: @escaping @Sendable () async throws -> Void) async throws {
        guard let limit else { return try await body() }
        let awaited = Awaited()
        try await withCheckedThrowingContinuation { continuation in
            let first = First(continuation)
            let work = $awaited.withValue(awaited) {
                Task {
                    do {
                        try await body()
                        first.end(.success(()))
                    } catch {
                        first.end(.failure(error))
                    }
                }
            }
            Task {
                try? await Task.sleep(for: limit.duration)
                let last = awaited.value
                first.end(
                    .failure(
                        CommandFailure(
                            .tryAgain, "it took longer than the \(limit) of --timeout", hint: last?.hint,
                            causes: last.map { [$0.text] } ?? [])))
                work.cancel()
            }
        }
    }
}
