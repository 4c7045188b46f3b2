/// A fault in talking to RabbitMQ: a kind to act on, the broker's reply code where there is one, and a text.
///
/// The text never holds a password or a whole URL.
public struct RabbitMQError: Error, Sendable, Equatable {
    /// The classes of failure a caller can tell apart.
    public enum Kind: String, Sendable, Equatable {
        /// The configuration or its URL cannot be used.
        case configuration
        /// The message itself cannot be sent (a name longer than 255 bytes, headers larger than a frame).
        case invalidMessage
        /// No connection could be made: host, port, TLS or handshake.
        case connectionFailed
        /// The broker refused the user or the password.
        case authentication
        /// 404: the queue, exchange or virtual host does not exist.
        case notFound
        /// 406: exists with other properties, or a condition of the operation does not hold.
        case preconditionFailed
        /// 403: the user may not do this.
        case accessRefused
        /// 405: the queue is exclusive to another connection.
        case resourceLocked
        /// 530: the broker forbids it (a virtual host without access, a limit).
        case notAllowed
        /// Any other reply code of the broker: see ``RabbitMQError/code``.
        case broker
        /// The connection broke after it had been made.
        case connectionLost
        /// The deadline passed.
        case timeout
        /// The deadline passed while the broker had blocked this connection (memory or disk alarm).
        case blocked
        /// The delivery belongs to a connection that is gone; the broker delivers the message again.
        case staleDelivery
        /// The client has been closed.
        case closed
        /// The peer does not follow the protocol.
        case protocolViolation
    }

    /// The class of the failure.
    public var kind: Kind
    /// The AMQP reply code, if the broker gave one.
    public var code: Int?
    /// A description for people: names the thing, never a secret.
    public var text: String
    /// Whether a message may have reached the broker although this error was thrown.
    ///
    /// Only publishing sets it: `false` means that nothing of the call was sent, so that it can simply be repeated.
    public var isOutcomeUnknown: Bool

    /// Creates an error.
    public init(_ kind: Kind, code: Int? = nil, _ text: String, isOutcomeUnknown: Bool = false) {
        self.kind = kind
        self.code = code
        self.text = text
        self.isOutcomeUnknown = isOutcomeUnknown
    }

    /// Whether the same call may succeed later without anybody changing anything but the network or the broker's load.
    public var isRetryable: Bool {
        switch kind {
        case .connectionFailed, .connectionLost, .timeout, .blocked, .resourceLocked, .staleDelivery: true
        case .broker: code == 320 || code == 541 || code == 506
        case .configuration, .invalidMessage, .authentication, .notFound, .preconditionFailed, .accessRefused,
            .notAllowed, .closed, .protocolViolation:
            false
        }
    }

    /// The same error, marked with whether the outcome of a publish is unknown.
    func withUnknownOutcome(_ isUnknown: Bool) -> RabbitMQError {
        var copy = self
        copy.isOutcomeUnknown = isUnknown
        return copy
    }
}

extension RabbitMQError.Kind {
    /// The kind in words, as in `connection failed`.
    fileprivate var words: String { rawValue.map { $0.isUppercase ? " \($0.lowercased())" : "\($0)" }.joined() }
}

extension RabbitMQError: CustomStringConvertible {
    public var description: String {
        let codeText = code.map { " \($0)" } ?? ""
        let outcome = isOutcomeUnknown ? " (outcome unknown)" : ""
        return "RabbitMQ \(kind.words)\(codeText): \(text)\(outcome)"
    }
}

extension RabbitMQError {
    /// The error for a reply code of the broker's `channel.close` or `connection.close`.
    init(replyCode: Int, text: String) {
        let kind: Kind =
            switch replyCode {
            case 403: .accessRefused
            case 404: .notFound
            case 405: .resourceLocked
            case 406: .preconditionFailed
            case 530: .notAllowed
            case 501...505: .protocolViolation
            case 320: .connectionLost
            default: .broker
            }
        self.init(kind, code: replyCode, text)
    }
}
