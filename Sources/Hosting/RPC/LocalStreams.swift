import GRPCCore
import Synchronization

/// Streams between roles of this process, by name.
///
/// Within the process the transport does not tell a server that its caller has gone away: a stream without an end would
/// be served for ever. So the caller gives its call a name, under which the server is told.
final class LocalStreams: Sendable {
    static let shared = LocalStreams()

    /// The metadata key under which a stream's name travels.
    static let metadataKey = "shop-local-stream"

    /// The name of the call that the running task makes.
    @TaskLocal static var current: String?

    private struct State {
        var nextNumber: UInt64 = 0
        var open: [String: ServerContext.RPCCancellationHandle?] = [:]
    }

    private let state = Mutex(State())

    /// Runs a caller's side of a call, and cancels the server's when it is over.
    func withName<Result>(_ body: () async throws -> Result) async rethrows -> Result {
        let name = state.withLock { state in
            state.nextNumber += 1
            let name = String(state.nextNumber)
            state.open[name] = .some(nil)
            return name
        }
        defer { state.withLock { $0.open.removeValue(forKey: name) ?? nil }?.cancel() }
        return try await Self.$current.withValue(name, operation: body)
    }

    /// Notes how the server of a call is told; at once, if its caller has gone already.
    func serve(_ name: String, _ cancellation: ServerContext.RPCCancellationHandle) {
        let isOpen = state.withLock { state in
            guard state.open[name] != nil else { return false }
            state.open[name] = cancellation
            return true
        }
        if !isOpen { cancellation.cancel() }
    }
}
