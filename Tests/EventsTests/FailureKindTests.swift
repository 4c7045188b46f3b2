import RabbitMQ
import Testing

@testable import Events

@Suite struct FailureKindTests {
    @Test func aLaterVersionMayKnowWhatThisOneDoesNot() {
        for errorClass in [MessageRejection.ErrorClass.unknownType, .newerVersion] {
            guard case .transient = FailureKind(MessageRejection(errorClass, "?")) else {
                Issue.record("\(errorClass) is for good")
                continue
            }
        }
        for errorClass in [MessageRejection.ErrorClass.undecodable, .protocolViolation, .exhausted] {
            guard case .permanent = FailureKind(MessageRejection(errorClass, "?")) else {
                Issue.record("\(errorClass) is tried again")
                continue
            }
        }
    }
}
