import DriverSupport

/// A fault with a command, a connection or a URL. Never holds a password.
public struct RedisError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The class of an error, for code to decide by.
    public enum Kind: String, Sendable, Hashable {
        /// There is no connection, or it was lost before the reply came: the command may have run.
        case unavailable
        /// The reply did not come in time: the command may have run.
        case timeout
        /// Redis answered with an error; see ``RedisError/code``.
        case server
        /// The bytes received were no Redis replies, or not the expected ones.
        case `protocol`
        /// A URL or setting that cannot be used.
        case configuration
        /// The client was closed.
        case closed
    }

    public let kind: Kind
    public let message: String
    /// The code of the server's error that made it unavailable.
    let refusal: String?

    public init(kind: Kind, message: String) {
        self.init(kind: kind, message: message, refusal: nil)
    }

    init(kind: Kind, message: String, refusal: String?) {
        self.kind = kind
        self.message = message
        self.refusal = refusal
    }

    /// The first word of a server's error (`WRONGTYPE`, `NOSCRIPT`, `OOM`); nil for other kinds.
    public var code: String? { kind == .server ? Self.code(of: message) : nil }

    /// The first word of what a server answered.
    static func code(of text: String) -> String? {
        text.split(separator: " ", maxSplits: 1).first.map(String.init)
    }

    /// Whether the same command may succeed later without anything being changed.
    public var isRetryable: Bool {
        switch kind {
        case .unavailable, .timeout: true
        case .server: ["LOADING", "BUSY", "TRYAGAIN", "MASTERDOWN", "CLUSTERDOWN", "READONLY"].contains(code)
        case .protocol, .configuration, .closed: false
        }
    }

    public var description: String { "redis \(kind.rawValue): \(message)" }
}

extension RedisError {
    /// The error for what the system has refused.
    init(_ refusal: SystemError) {
        self.init(kind: .unavailable, message: refusal.description)
    }
}
