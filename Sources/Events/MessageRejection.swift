/// The reason why this program does not handle a message.
///
/// One that can never be handled goes to the dead letters at once. One that a later version of the program may know
/// is retried, so that a rolling upgrade loses nothing; any other error means "not now", too.
public struct MessageRejection: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of defect; travels with the dead letter.
    public enum ErrorClass: String, Sendable {
        /// The properties or the body cannot be read.
        case undecodable
        /// No handler of this service knows the type; one of a later version may.
        case unknownType = "unknown_type"
        /// The body is of a later version than this program reads.
        case newerVersion = "newer_version"
        /// The message contradicts what this service has recorded.
        case protocolViolation = "protocol_violation"
        /// It failed as often as a message may.
        case exhausted

        /// Whether no later attempt can succeed.
        var isForGood: Bool {
            switch self {
            case .unknownType, .newerVersion: false
            case .undecodable, .protocolViolation, .exhausted: true
            }
        }
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
