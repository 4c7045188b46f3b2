import GRPCCore

/// One call to another role under way on its caller's side: what it may have done is noted, and it is measured.
struct ClientCall: Sendable {
    private static let metrics = RPCMetrics("rpc_client")

    private let method: MethodDescriptor
    private let started = ContinuousClock.now
    /// The notes of a call of a method that writes.
    let sent: SentCalls?

    /// Notes that a call is sent.
    init(_ method: MethodDescriptor) {
        self.method = method
        sent = CallEffect.writes(method) ? CallContext.current?.sent ?? SentCalls() : nil
        sent?.send()
    }

    /// Notes the end of a call, or the beginning of its answer.
    func finish(_ error: RPCError?) {
        Self.metrics.record(
            method, code: error.map { ServiceError.Code($0.code) }, duration: ContinuousClock.now - started)
    }

    /// The error of a call that may have done what it asks for, which then says so; one that says that nothing was done
    /// is noted.
    ///
    /// - Parameter isSent: Whether the call may have reached anybody.
    func judge(_ error: RPCError, isSent: Bool = true) -> RPCError {
        guard isSent else {
            sent?.takeBack()
            return RPCError(
                code: error.code, message: error.message, metadata: error.metadata, cause: RPCError.Unsent())
        }
        guard let sent else { return error }
        if let unknown = error.ofUnknownOutcome { return unknown }
        sent.takeBack()
        return error
    }

    /// Notes the end of a call by its only answer.
    ///
    /// - Returns: The answer as its caller is to see it.
    func finish<Output>(_ response: ClientResponse<Output>) -> ClientResponse<Output> {
        guard case .failure(let error) = response.accepted else {
            finish(nil as RPCError?)
            return response
        }
        let judged = judge(error)
        finish(judged)
        return ClientResponse(error: judged)
    }
}
