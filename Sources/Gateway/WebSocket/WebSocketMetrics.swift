import Metrics
import NIOWebSocket

/// How many sessions are open, what they send and how they end.
struct WebSocketMetrics: Sendable {
    private static let knownCodes: Set<CloseCode> = [
        .normal, .goingAway, .protocolError, .invalidText, .policyViolation, .messageTooLong, .internalError,
        .tokenExpired, .tooSlow, .replaced, .none, .lost,
    ]

    private let open = Meter(label: "gateway_websocket_sessions")
    private let messages = Counter(label: "gateway_websocket_frames_sent", dimensions: [("kind", "text")])
    private let control = Counter(label: "gateway_websocket_frames_sent", dimensions: [("kind", "control")])
    private let retries = Counter(label: "gateway_websocket_retries")

    func opened() { open.increment() }

    /// Clients cannot make new series by codes of their own.
    func closed(_ code: CloseCode) {
        open.decrement()
        let label = Self.knownCodes.contains(code) ? String(code.rawValue) : "other"
        Counter(label: "gateway_websocket_closes", dimensions: [("code", label)]).increment()
    }

    /// The notifications of a session had to be asked for again.
    func retried() { retries.increment() }

    func sent(_ opcode: WebSocketOpcode) {
        if opcode == .text { messages.increment() } else { control.increment() }
    }
}
