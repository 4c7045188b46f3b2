import GRPCCore

/// Makes a call to another process anew that was certainly not carried out: its server was about to stop.
struct CallRepetition: Sendable {
    /// The time a call may take that does not say otherwise.
    let deadline: Duration
    /// The time for which such a server, or the next one in its place, is waited for.
    let patience: Duration

    /// Makes the call, and once more after each time that it came to nothing, for as long as it may take.
    func run<Result: Sendable>(
        _ options: CallOptions, _ call: (CallOptions) async throws -> Result
    ) async throws -> Result {
        let begin = ContinuousClock.now
        let limit = options.timeout ?? deadline
        var options = options
        while true {
            do {
                return try await call(options)
            } catch let error as RPCError where error.isWorthRepeating {
                let isInTime = ContinuousClock.now - begin + PeerAvailability.lookInterval < min(limit, patience)
                guard isInTime, !Task.isCancelled else { throw error }
                try? await Task.sleep(for: PeerAvailability.lookInterval)
                options.timeout = limit - (ContinuousClock.now - begin)
            }
        }
    }
}

extension RPCError {
    /// The cause of an error whose call was not sent.
    struct Unsent: Error {}

    /// Whether the call was certainly not carried out, by a server that may be another one the next time.
    fileprivate var isWorthRepeating: Bool {
        code == .unavailable && (cause is Unsent || isRefusedStream || shopReason == ServiceError.stopping.reason)
    }
}
