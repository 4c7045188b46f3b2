import GRPCCore
import Telemetry

/// Adds to every call to another role: the caller's token, the request id and the trace.
struct ClientCallInterceptor: ClientInterceptor {
    private static let metrics = RPCMetrics("rpc_client")

    var slack = DeadlineSlack()

    func intercept<Input: Sendable, Output: Sendable>(
        request: StreamingClientRequest<Input>,
        context: ClientContext,
        next: (StreamingClientRequest<Input>, ClientContext) async throws -> StreamingClientResponse<Output>
    ) async throws -> StreamingClientResponse<Output> {
        var request = request
        if let call = CallContext.current {
            if let token = call.token { Self.add(CallMetadata.authorization, "Bearer \(token)", to: &request.metadata) }
            if let id = call.requestID { Self.add(CallMetadata.requestID, id, to: &request.metadata) }
        }
        if let trace = TraceContext.current {
            Self.add(CallMetadata.traceparent, trace.traceparent, to: &request.metadata)
        }
        let started = ContinuousClock.now
        // A call of one kind that is made while a stream of the other is read is none of that stream's.
        if context.remotePeer.hasPrefix("in-process") {
            if let name = LocalStreams.current { Self.add(LocalStreams.metadataKey, name, to: &request.metadata) }
        } else if let deadline = DeadlineSlack.deadline {
            let left = min(deadline, CallContext.current?.deadline ?? deadline) - started
            request.metadata.replaceOrAddString(
                WireTimeout(slack.serversShare(of: left)).text, forKey: CallMetadata.timeout)
        }
        let sent = CallEffect.writes(context.descriptor) ? CallContext.current?.sent ?? SentCalls() : nil
        sent?.send()
        var response = try await next(request, context)
        if let sent { response = Self.follow(response, sent) }
        let code: ServiceError.Code? =
            switch response.accepted {
            case .success: nil
            case .failure(let error): ServiceError.Code(error.code)
            }
        Self.metrics.record(context.descriptor, code: code, duration: ContinuousClock.now - started)
        return response
    }

    /// The call was sent, and may have done what it asks for until an answer says otherwise.
    private static func follow<Output>(
        _ response: StreamingClientResponse<Output>, _ sent: SentCalls
    ) -> StreamingClientResponse<Output> {
        switch response.accepted {
        case .success(var contents):
            contents.bodyParts = RPCAsyncSequence(wrapping: AnsweredParts(base: contents.bodyParts, sent: sent))
            return StreamingClientResponse(accepted: .success(contents))
        case .failure(let error):
            if let unknown = error.ofUnknownOutcome { return StreamingClientResponse(accepted: .failure(unknown)) }
            sent.takeBack()
            return response
        }
    }

    /// The metadata that the caller has set itself stays.
    private static func add(_ key: String, _ value: String, to metadata: inout Metadata) {
        guard CallMetadata.first(key, metadata) == nil else { return }
        metadata.addString(value, forKey: key)
    }
}
