import NIOCore

/// The reason why a WebSocket is closed, as the closing frame says it (RFC 6455, section 7.4).
public struct CloseCode: RawRepresentable, Sendable, Hashable {
    public let rawValue: UInt16

    /// The code of that number, whether or not it may be sent.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// The purpose is fulfilled.
    public static let normal = CloseCode(rawValue: 1000)
    /// The server stops; another one will do.
    public static let goingAway = CloseCode(rawValue: 1001)
    /// The other side does not speak WebSocket as it should.
    public static let protocolError = CloseCode(rawValue: 1002)
    /// A text is not UTF-8.
    public static let invalidText = CloseCode(rawValue: 1007)
    /// The client sends more than it may.
    public static let policyViolation = CloseCode(rawValue: 1008)
    /// A message is too long.
    public static let messageTooLong = CloseCode(rawValue: 1009)
    /// Something is wrong on our side, or the client does not answer.
    public static let internalError = CloseCode(rawValue: 1011)
    /// The access token has expired; another one opens the next session.
    public static let tokenExpired = CloseCode(rawValue: 4401)
    /// The client takes what it is sent too slowly; it can resume.
    public static let tooSlow = CloseCode(rawValue: 4408)
    /// The user has opened too many further sessions since.
    public static let replaced = CloseCode(rawValue: 4409)

    // These are never sent.
    /// The client closed without giving a reason.
    public static let none = CloseCode(rawValue: 1005)
    /// The connection ended without a closing handshake.
    public static let lost = CloseCode(rawValue: 1006)

    /// Whether an endpoint may send it.
    var isSendable: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}

/// A client's breach of the protocol, and the code by which it is told.
struct Violation: Error, Equatable {
    let code: CloseCode
    let reason: String

    init(_ reason: String, code: CloseCode = .protocolError) {
        self.code = code
        self.reason = reason
    }

    static func tooLong(limit: Int) -> Violation {
        Violation("a message must not be longer than \(limit) bytes", code: .messageTooLong)
    }
}

extension ByteBuffer {
    /// A closing frame's contents. The reason is ASCII of at most 123 bytes.
    init(_ code: CloseCode, reason: String) {
        self.init()
        if code == .none { return }
        writeInteger(code.rawValue)
        writeString(reason)
    }

    /// Reads a closing frame's contents.
    func closeCode() throws(Violation) -> CloseCode {
        guard readableBytes > 0 else { return .none }
        var rest = self
        guard let number = rest.readInteger(as: UInt16.self), CloseCode(rawValue: number).isSendable else {
            throw Violation("this is no close code")
        }
        guard String(validating: rest.readableBytesView, as: UTF8.self) != nil else {
            throw Violation("a closing frame's reason must be UTF-8", code: .invalidText)
        }
        return CloseCode(rawValue: number)
    }
}
