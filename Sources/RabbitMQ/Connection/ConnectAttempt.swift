/// One attempt to connect: every address of every host in turn, each with its share of the time that is left. With TLS
/// every host has its share, which its addresses have in common.
struct ConnectAttempt {
    /// An address to try.
    private struct Candidate {
        let endpoint: Int
        /// Nil where the library looks the name up itself.
        let address: SocketAddress?
    }

    /// However little time is left, an address gets this long.
    private static let shortestShare = Duration.milliseconds(50)

    private let endpoints: [BrokerEndpoint]
    private let first: Int
    private let limit: Duration
    private let resolvesNames: Bool
    /// Why each endpoint's last address was of no use.
    private var failures: [Int: RabbitMQError] = [:]

    /// - Parameters:
    ///   - turn: Which endpoint is tried first, counted round and round.
    init(_ configuration: RabbitMQConfiguration, turn: Int) {
        endpoints = configuration.endpoints
        first = turn
        limit = configuration.connectTimeout
        // The library has no other way to check a certificate against the host's name than to connect by it.
        resolvesNames = configuration.tls == nil
    }

    /// Opens the first address that can be used.
    ///
    /// - Throws: What `isFinal` says will be the same everywhere, at once; else an error that tells of each endpoint.
    mutating func run<Connection>(
        isCancelled: () -> Bool,
        open: (BrokerEndpoint, SocketAddress?, MonotonicTime) throws(RabbitMQError) -> Connection
    ) throws(RabbitMQError) -> Connection {
        let candidates = candidates()
        let deadline = MonotonicTime.now + limit
        for (position, candidate) in candidates.enumerated() where !isCancelled() {
            let now = MonotonicTime.now
            let left = Duration.nanoseconds(max(deadline.nanoseconds(since: now), 0))
            let share = max(left / (candidates.count - position), Self.shortestShare)
            do throws(RabbitMQError) {
                return try open(endpoints[candidate.endpoint], candidate.address, now + share)
            } catch {
                if error.isSameAtEveryHost { throw error }
                failures[candidate.endpoint] = error
            }
        }
        throw summary
    }

    private mutating func candidates() -> [Candidate] {
        var candidates: [Candidate] = []
        for offset in endpoints.indices {
            let index = (first + offset) % endpoints.count
            guard resolvesNames else {
                candidates.append(Candidate(endpoint: index, address: nil))
                continue
            }
            do throws(RabbitMQError) {
                let addresses = try SocketAddress.resolve(endpoints[index])
                candidates += addresses.map { Candidate(endpoint: index, address: $0) }
            } catch {
                failures[index] = error
            }
        }
        return candidates
    }

    /// In the URL's order, so that it stays the same while the hosts take turns.
    private var summary: RabbitMQError {
        let all = failures.sorted { $0.key < $1.key }.map(\.value)
        // A refusal tells more than a host that is away.
        guard var error = all.first(where: { $0.kind != .connectionFailed }) ?? all.first else {
            return RabbitMQError(.connectionFailed, "not connected")
        }
        error.text = all.map(\.text).joined(separator: "; ")
        return error
    }
}

extension RabbitMQError {
    /// Whether no other host of the same broker would answer otherwise.
    fileprivate var isSameAtEveryHost: Bool { kind == .configuration || kind == .authentication }
}
