import GRPCCore
import Telemetry

/// The origin of a call as its server sees it: whose it is, of which request and trace, and until when its caller waits.
struct CallOrigin: Sendable {
    /// The bearer token, not verified yet.
    let token: String?
    /// Fit to be logged; a new one if the caller has none, or one that is not.
    let requestID: String
    /// The caller's span.
    let trace: TraceContext?
    let deadline: ContinuousClock.Instant?

    /// The origin of a call that has come with its metadata, whose keys are in lower case. Of several values the first counts.
    init(_ metadata: Metadata) {
        var (authorization, id, parent, timeLeft, timeout): (String?, String?, String?, String?, String?)
        for case (let key, .string(let value)) in metadata {
            switch key {
            case CallMetadata.authorization: authorization = authorization ?? value
            case CallMetadata.requestID: id = id ?? value
            case CallMetadata.traceparent: parent = parent ?? value
            case CallMetadata.timeLeft: timeLeft = timeLeft ?? value
            case CallMetadata.timeout: timeout = timeout ?? value
            default: break
            }
        }
        token = authorization.flatMap(CallMetadata.bearerToken(in:))
        requestID = RequestID.accepting(id)
        trace = parent.flatMap(TraceContext.init(traceparent:))
        deadline = (timeLeft ?? timeout).flatMap(WireTimeout.init).map { .now + $0.duration }
    }

    /// The origin of a call that the running task makes within the process: what ``ClientCallInterceptor`` would write
    /// into its metadata, as it is. What the caller has written there itself comes first.
    init(ofRunningTask metadata: Metadata, deadline: ContinuousClock.Instant) {
        let context = CallContext.current
        if let value = CallMetadata.first(CallMetadata.authorization, metadata) {
            token = CallMetadata.bearerToken(in: value)
        } else {
            token = context?.token.flatMap { $0.isEmpty ? nil : $0 }
        }
        requestID = RequestID.accepting(CallMetadata.first(CallMetadata.requestID, metadata) ?? context?.requestID)
        if let text = CallMetadata.first(CallMetadata.traceparent, metadata) {
            trace = TraceContext(traceparent: text)
        } else {
            trace = .current
        }
        self.deadline = deadline
    }
}
