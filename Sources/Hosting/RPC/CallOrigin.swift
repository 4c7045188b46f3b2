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

    /// The origin of a call that has come with its metadata.
    init(_ metadata: Metadata) {
        token = CallMetadata.bearerToken(metadata)
        requestID = CallMetadata.requestID(metadata)
        trace = CallMetadata.first(CallMetadata.traceparent, metadata).flatMap(TraceContext.init(traceparent:))
        deadline = CallMetadata.deadline(metadata)
    }

    /// The origin of a call that the running task makes within the process: what ``ClientCallInterceptor`` would write
    /// into its metadata, as it is. What the caller has written there itself comes first.
    init(ofRunningTask metadata: Metadata, deadline: ContinuousClock.Instant) {
        let context = CallContext.current
        if CallMetadata.first(CallMetadata.authorization, metadata) == nil {
            token = context?.token.flatMap { $0.isEmpty ? nil : $0 }
        } else {
            token = CallMetadata.bearerToken(metadata)
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
