import GRPCCore
import Telemetry

/// Adds to every call to another role: the caller's token, the request id and the trace.
struct ClientCallInterceptor: ClientInterceptor {
    var slack = DeadlineSlack()
    /// The role of another process that is called; nil for one of this process.
    var role: Role?
    /// The heads of calls to another process, which its connections take note of.
    var heads: SentHeads?

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
        // A call of one kind that is made while a stream of the other is read is none of that stream's.
        if context.remotePeer.hasPrefix("in-process") {
            if let name = LocalStreams.current { Self.add(LocalStreams.metadataKey, name, to: &request.metadata) }
        } else if let deadline = DeadlineSlack.deadline {
            let left = min(deadline, CallContext.current?.deadline ?? deadline) - .now
            request.metadata.replaceOrAddString(
                WireTimeout(slack.serversShare(of: left)).text, forKey: CallMetadata.timeout)
        }
        let head = heads?.begin()
        if let head {
            request.metadata.addString(head.number, forKey: SentHeads.metadataKey)
        }
        defer { if let head { heads?.end(head) } }
        let call = ClientCall(context.descriptor)
        var response = try await next(request, context)
        switch response.accepted {
        case .success(var contents):
            call.finish(nil as RPCError?)
            guard let sent = call.sent else { break }
            // It may have done what it asks for until an answer says otherwise.
            contents.bodyParts = RPCAsyncSequence(wrapping: AnsweredParts(base: contents.bodyParts, sent: sent))
            response = StreamingClientResponse(accepted: .success(contents))
        case .failure(let error):
            let judged = CalledRole.note(role, on: call.judge(error, isSent: head?.isSent ?? true))
            call.finish(judged)
            response = StreamingClientResponse(accepted: .failure(judged))
        }
        return response
    }

    /// The metadata that the caller has set itself stays.
    private static func add(_ key: String, _ value: String, to metadata: inout Metadata) {
        guard CallMetadata.first(key, metadata) == nil else { return }
        metadata.addString(value, forKey: key)
    }
}
