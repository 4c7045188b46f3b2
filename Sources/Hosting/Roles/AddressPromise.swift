import Synchronization

/// The address at which a server listens, for whoever waits to know: settled once, by success or failure.
public final class AddressPromise: Sendable {
    private enum State {
        case open([CheckedContinuation<HostPort, any Error>])
        case settled(Result<HostPort, any Error>)
    }

    private let state = Mutex(State.open([]))

    /// Creates a promise that nobody has settled yet.
    public init() {}

    /// The address, as soon as it is known.
    ///
    /// - Throws: Why the server does not listen.
    public var value: HostPort {
        get async throws {
            try await withCheckedThrowingContinuation { continuation in
                let known = state.withLock { state -> Result<HostPort, any Error>? in
                    switch state {
                    case .settled(let result): return result
                    case .open(let waiting):
                        state = .open(waiting + [continuation])
                        return nil
                    }
                }
                if let known { continuation.resume(with: known) }
            }
        }
    }

    /// Tells whoever waits; what is known first stays.
    public func settle(_ result: Result<HostPort, any Error>) {
        let waiting = state.withLock { state -> [CheckedContinuation<HostPort, any Error>] in
            guard case .open(let waiting) = state else { return [] }
            state = .settled(result)
            return waiting
        }
        for continuation in waiting { continuation.resume(with: result) }
    }
}

/// A server that does not listen, and will not.
struct NotListening: Error, CustomStringConvertible {
    var description: String
}
