import Metrics
import NIOWebSocket

/// The number of sessions that are open, what they send and how they end.
public struct WebSocketMetrics: Sendable {
    private static let knownCodes: Set<CloseCode> = [
        .normal, .goingAway, .protocolError, .invalidText, .policyViolation, .messageTooLong, .internalError,
        .tokenExpired, .tooSlow, .replaced, .none, .lost,
    ]

    private let prefix: String
    private let open: Meter
    private let messages: Counter
    private let control: Counter

    /// - Parameter prefix: What the metrics' names begin with: `PREFIX_sessions`, `PREFIX_frames_sent`,
    ///   `PREFIX_closes`.
    public init(prefix: String) {
        self.prefix = prefix
        self.open = Meter(label: "\(prefix)_sessions")
        self.messages = Counter(label: "\(prefix)_frames_sent", dimensions: [("kind", "text")])
        self.control = Counter(label: "\(prefix)_frames_sent", dimensions: [("kind", "control")])
    }

    /// Counts a session that begins.
    public func opened() { open.increment() }

    /// Counts a session that has ended. Clients cannot make new series by codes of their own.
    public func closed(_ code: CloseCode) {
        open.decrement()
        let label = Self.knownCodes.contains(code) ? String(code.rawValue) : "other"
        Counter(label: "\(prefix)_closes", dimensions: [("code", label)]).increment()
    }

    func sent(_ opcode: WebSocketOpcode) {
        if opcode == .text { messages.increment() } else { control.increment() }
    }
}
