import DriverSupport
import Synchronization

/// The addresses of several hosts. Names are looked up on a thread of their own, because that may take longer than the
/// caller can wait.
final class AddressLookup: Sendable {
    /// The addresses of a host, or why there are none.
    typealias Answer = Result<[SocketAddress], RedisError>

    private let found = Mutex<[Answer]?>(nil)

    /// The answers in the order of the hosts; nil while they are not known.
    var answers: [Answer]? { found.withLock { $0 } }

    /// Begins to look up.
    ///
    /// - Parameter done: Called when the answers are known, unless they are at once.
    /// - Throws: `RedisError` of kind `unavailable` if the system gives no thread.
    init(_ endpoints: [Endpoint], done: @escaping @Sendable () -> Void) throws(RedisError) {
        let numeric = Self.answers(endpoints, .numeric)
        let areAllNumeric = numeric.allSatisfy { if case .success = $0 { true } else { false } }
        if areAllNumeric {
            found.withLock { $0 = numeric }
            return
        }
        do {
            try OwningThread.start(name: "redis-lookup") { [self] in
                let answers = Self.answers(endpoints, .reachable)
                found.withLock { $0 = answers }
                done()
            }
        } catch {
            throw RedisError(kind: .unavailable, message: "the system gives no thread: \(error)")
        }
    }

    private static func answers(_ endpoints: [Endpoint], _ lookup: SocketAddress.Lookup) -> [Answer] {
        endpoints.map { endpoint in
            do throws(SystemError) {
                return .success(try SocketAddress.resolve(host: endpoint.host, port: endpoint.port, lookup))
            } catch {
                return .failure(RedisError(error))
            }
        }
    }
}
