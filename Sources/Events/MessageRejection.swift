/// Why a message can never be handled, however often it is tried: it goes to the dead letters at once.
///
/// Any other error means "not now", and the message is retried.
public struct MessageRejection: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of defect; travels with the dead letter.
    public enum ErrorClass: String, Sendable {
        /// The properties or the body cannot be read.
        case undecodable
        /// No handler of this service knows the type.
        case unknownType = "unknown_type"
        /// The message contradicts what this service has recorded.
        case protocolViolation = "protocol_violation"
        /// It failed as often as a message may.
        case exhausted
    }

    public let errorClass: ErrorClass
    /// For the operator; names what is wrong, never holds a secret.
    public let reason: String

    public init(_ errorClass: ErrorClass, _ reason: String) {
        self.errorClass = errorClass
        self.reason = reason
    }

    public var description: String { "\(errorClass.rawValue): \(reason)" }
}
