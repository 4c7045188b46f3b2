import DriverSupport
import Glibc

/// One attempt to connect: every address of every host in turn, until one greets us that can be written.
///
/// Used by the owning thread only, which asks it to go on whenever something may have happened.
final class ConnectAttempt {
    private enum Phase {
        case lookingUp(AddressLookup)
        case connecting(RedisConnection)
        case greeting(Greeting)
    }

    /// Long enough for a server nearby, and short in a second that many may share.
    private static let shortestShare = Duration.milliseconds(20)

    private let configuration: RedisConfiguration
    private let turn: Int
    private let heard: (String) -> Void
    private var phase: Phase
    /// Nil while names are looked up.
    private var schedule: ConnectSchedule<SocketAddress, RedisError>?
    /// The time when the present step has taken too long.
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
        self.turn = turn
        deadline = .now + configuration.connectTimeout
        phase = .lookingUp(try AddressLookup(configuration.endpoints, done: wake))
    }

    /// The event to wait for; nil while names are looked up.
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
                schedule = ConnectSchedule(
                    answers, turn: turn, within: configuration.connectTimeout, shortestShare: Self.shortestShare)
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
            // No address is left, or none could be begun with.
            if case .lookingUp = phase { throw error }
            schedule?.failed(error)
            try tryNext()
            return nil
        }
    }

    /// Begins to connect to the next address that can be tried.
    private func tryNext() throws(RedisError) {
        while let next = schedule?.next() {
            do throws(RedisError) {
                phase = .connecting(try RedisConnection(to: next.address))
                deadline = next.deadline
                return
            } catch {
                schedule?.failed(error)
            }
        }
        throw summary
    }

    private var summary: RedisError {
        let failures = schedule?.failures ?? []
        let text = failures.map { "\(configuration.endpoints[$0.host]): \($0.reason.message)" }.joined(separator: "; ")
        return RedisError(
            kind: .unavailable, message: text, refusal: failures.lazy.compactMap(\.reason.refusal).first)
    }
}
