import GRPCCore
import Telemetry

/// The values that calls between roles carry in their metadata.
enum CallMetadata {
    static let authorization = "authorization"
    static let requestID = "x-request-id"
    static let traceparent = "traceparent"
    static let timeout = "grpc-timeout"
    /// The name of ``timeout`` on the server's side, where the library is not to see it.
    static let timeLeft = "shop-time-left"

    /// The bearer token, if there is one.
    static func bearerToken(_ metadata: Metadata) -> String? {
        guard let value = first(authorization, metadata) else { return nil }
        let scheme = "bearer "
        guard value.count > scheme.count, value.prefix(scheme.count).lowercased() == scheme else { return nil }
        return String(value.dropFirst(scheme.count))
    }

    /// The caller's request id if it is fit to be logged, else a new one.
    static func requestID(_ metadata: Metadata) -> String {
        RequestID.accepting(first(requestID, metadata))
    }

    /// The time when the caller gives up waiting for the answer; nil if it says nothing of that.
    static func deadline(_ metadata: Metadata) -> ContinuousClock.Instant? {
        let text = first(timeLeft, metadata) ?? first(timeout, metadata)
        return text.flatMap(WireTimeout.init).map { .now + $0.duration }
    }

    static func first(_ key: String, _ metadata: Metadata) -> String? {
        metadata[stringValues: key].first { _ in true }
    }
}
