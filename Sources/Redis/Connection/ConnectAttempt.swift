import Glibc

/// One attempt to connect: every address of every host in turn, each with its share of the time that is left, until one
/// greets us that can be written.
///
/// Used by the owning thread only, which asks it to go on whenever something may have happened.
final class ConnectAttempt {
    private enum Phase {
        case lookingUp(AddressLookup)
        case connecting(RedisConnection)
        case greeting(Greeting)
    }

    /// However little time is left, an address gets this long.
    private static let shortestShare = Duration.milliseconds(20)

    private let configuration: RedisConfiguration
    private let first: Int
    private let limit: Duration
    private let heard: (String) -> Void
    private var phase: Phase
    private var candidates: ArraySlice<(endpoint: Int, address: RedisAddress)> = []
    /// The endpoint whose turn it is.
    private var current = 0
    /// Why each endpoint's last address was of no use.
    private var failures: [Int: RedisError] = [:]
    private var lastMoment: MonotonicTime
    /// When the present step has taken too long.
    private(set) var deadline: MonotonicTime

    /// - Parameters:
    ///   - turn: Which host is tried first, counted round and round.
    ///   - wake: Called, from another thread, when it can go on.
    ///   - heard: Told of every error that a server greets with.
    init(
        _ configuration: RedisConfiguration, turn: Int, wake: @escaping @Sendable () -> Void,
        heard: @escaping (String) -> Void
    ) throws(RedisError) {
        self.configuration = configuration
        self.heard = heard
        first = turn
        limit = configuration.connectTimeout
        lastMoment = .now + limit
        deadline = lastMoment
        phase = .lookingUp(try AddressLookup(configuration.endpoints, done: wake))
    }

    /// What to wait for; nil while names are looked up.
    var interest: (descriptor: Int32, events: Int32)? {
        switch phase {
        case .lookingUp: nil
        case .connecting(let connection): (connection.descriptor, POLLOUT)
        case .greeting(let greeting):
            (greeting.connection.descriptor, greeting.connection.hasUnsentBytes ? POLLIN | POLLOUT : POLLIN)
        }
    }

    /// Does what can be done without waiting; returns the connection once there is one.
    ///
    /// - Throws: `RedisError` that tells of each host, when none is left to try.
    func advance(_ isReady: (Int32, Int32) -> Bool) throws(RedisError) -> RedisConnection? {
        do throws(RedisError) {
            switch phase {
            case .lookingUp(let lookup):
                // As long as it takes: the deadline is for addresses.
                guard let answers = lookup.answers else { return nil }
                collect(answers)
                try tryNext()
            case .connecting(let connection):
                guard isReady(connection.descriptor, POLLOUT) else { break }
                try connection.finishConnecting()
                phase = .greeting(try Greeting(connection, configuration))
            case .greeting(let greeting):
                try greeting.connection.flush()
                if isReady(greeting.connection.descriptor, POLLIN) { try greeting.connection.receive() }
                if try greeting.isDone(heard: heard) { return greeting.connection }
            }
            if deadline <= .now { throw RedisError(kind: .timeout, message: "no answer while connecting") }
            return nil
        } catch {
            if case .lookingUp = phase { throw failures.isEmpty ? error : summary }
            failures[current] = error
            try tryNext()
            return nil
        }
    }

    private func collect(_ answers: [AddressLookup.Answer]) {
        var found: [(endpoint: Int, address: RedisAddress)] = []
        for offset in answers.indices {
            let index = (first + offset) % answers.count
            switch answers[index] {
            case .success(let addresses): found += addresses.map { (index, $0) }
            case .failure(let error): failures[index] = error
            }
        }
        candidates = found[...]
        // Looking up a name does not shorten the time for its addresses.
        lastMoment = .now + limit
    }

    /// Begins to connect to the next address that can be tried.
    private func tryNext() throws(RedisError) {
        while let candidate = candidates.popFirst() {
            current = candidate.endpoint
            do throws(RedisError) {
                phase = .connecting(try RedisConnection(to: candidate.address))
                let now = MonotonicTime.now
                let left = Duration.nanoseconds(max(lastMoment.nanoseconds - now.nanoseconds, 0))
                deadline = now + max(left / (candidates.count + 1), Self.shortestShare)
                return
            } catch {
                failures[current] = error
            }
        }
        throw summary
    }

    /// In the URL's order, so that it stays the same while the hosts take turns.
    private var summary: RedisError {
        let all = failures.sorted { $0.key < $1.key }
        let text = all.map { "\(configuration.endpoints[$0.key]): \($0.value.message)" }.joined(separator: "; ")
        return RedisError(
            kind: .unavailable, message: text, refusal: all.lazy.compactMap(\.value.refusal).first)
    }
}
