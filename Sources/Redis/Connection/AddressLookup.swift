import Synchronization

/// The addresses of several hosts. Names are looked up on a thread of their own, because that may take longer than the
/// caller can wait.
final class AddressLookup: Sendable {
    /// The addresses of a host, or why there are none.
    typealias Answer = Result<[RedisAddress], RedisError>

    private let found = Mutex<[Answer]?>(nil)

    /// The answers in the order of the hosts; nil while they are not known.
    var answers: [Answer]? { found.withLock { $0 } }

    /// Begins to look up.
    ///
    /// - Parameter done: Called when the answers are known, unless they are at once.
    /// - Throws: `RedisError` of kind `unavailable` if the system gives no thread.
    init(_ endpoints: [RedisEndpoint], done: @escaping @Sendable () -> Void) throws(RedisError) {
        let numeric = Self.answers(endpoints, isNumeric: true)
        let areAllNumeric = numeric.allSatisfy { if case .success = $0 { true } else { false } }
        if areAllNumeric {
            found.withLock { $0 = numeric }
            return
        }
        let hasStarted = OwnerThread.run(name: "redis-lookup") { [self] in
            let answers = Self.answers(endpoints, isNumeric: false)
            found.withLock { $0 = answers }
            done()
        }
        if !hasStarted { throw RedisError(kind: .unavailable, message: "the system gives no thread") }
    }

    private static func answers(_ endpoints: [RedisEndpoint], isNumeric: Bool) -> [Answer] {
        endpoints.map { endpoint in
            Result { () throws(RedisError) in try RedisAddress.resolve(endpoint, isNumeric: isNumeric) }
        }
    }
}
