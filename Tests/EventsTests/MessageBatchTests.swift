import FoundationEssentials
import Postgres
import RabbitMQ
import TestSupport
import Testing

@testable import Events

/// Messages of one type travel together, and what fails among them goes on alone.
@Suite struct MessageBatchTests {
    private func envelope(_ type: String = "test.happened", attempt: Int = 0, body: String = "{}") -> Envelope {
        Envelope(
            messageID: UUID(), type: type, correlationID: UUID(), causationID: UUID(), appID: "test",
            timestamp: Date(timeIntervalSince1970: 1_700_000_000), attempt: attempt, traceparent: "00-a\"b-c-01",
            body: Array(body.utf8))
    }

    @Test func whatIsPackedIsUnpacked() throws {
        var messages = [envelope(body: #"{"text":"a\nb"}"#), envelope(), envelope(body: "")]
        messages[1].correlationID = nil
        messages[1].causationID = nil
        messages[1].traceparent = nil
        let batch = try MessageBatch.envelope(of: messages)
        #expect(batch.type == "test.happened.batch")
        #expect(try MessageBatch.messages(of: batch) == messages)
        let alone = envelope()
        #expect(try MessageBatch.messages(of: alone) == [alone])
    }

    @Test func oneTypeTravelsTogetherAndNothingThatCannot() {
        let first = [envelope("a"), envelope("b"), envelope("a")]
        let retried = envelope("a", attempt: 1)
        let twoLines = envelope("a", body: "{\n}")
        let last = envelope("a")
        let shares = MessageBatch.shares(of: first + [retried, twoLines, last])
        #expect(shares == [[first[0], first[2], last], [first[1]], [retried], [twoLines]])
    }

    @Test func aBatchIsBounded() {
        let many = (0..<(2 * MessageBatch.messageLimit + 1)).map { _ in envelope() }
        #expect(
            MessageBatch.shares(of: many).map(\.count) == [MessageBatch.messageLimit, MessageBatch.messageLimit, 1])
        let large = String(repeating: " ", count: MessageBatch.bodyLimit / 2)
        let shares = MessageBatch.shares(of: [envelope(body: large), envelope(body: large), envelope(body: "{}")])
        #expect(shares.map(\.count) == [2, 1])
        let tooLarge = envelope(body: large + large + " ")
        #expect(MessageBatch.shares(of: [tooLarge, tooLarge]).map(\.count) == [1, 1])
    }

    @Test(arguments: [
        "", "{}", "\n", #"{"schema_version":1,"messages":[]}"#,
        #"{"schema_version":1,"messages":[{"message_id":"no UUID","timestamp":1}]}"# + "\n{}",
        #"{"schema_version":1,"messages":[{"message_id":"4F2B6A60-0D5B-4E2D-9B1F-000000000001","timestamp":1}]}"#,
        #"{"schema_version":1,"messages":[{"message_id":"4F2B6A60-0D5B-4E2D-9B1F-000000000001","timestamp":1}]}"#
            + "\n{}\n{}",
        #"{"schema_version":1,"messages":[{"message_id":"4F2B6A60-0D5B-4E2D-9B1F-000000000001","timestamp":1,"#
            + #""correlation_id":"x"}]}"# + "\n{}",
    ])
    func whatIsNoBatchIsUndecodable(_ body: String) {
        let rejection = #expect(throws: MessageRejection.self) {
            try MessageBatch.messages(of: envelope("test.happened.batch", body: body))
        }
        #expect(rejection?.errorClass == .undecodable)
    }

    /// Puts messages into the inbox as one.
    private func deliver(_ messages: [Envelope], _ scene: MessagingScene) async throws {
        try await scene.deliver([try MessageBatch.envelope(of: messages)])
    }

    @Test func oneThatFailsGoesOnAlone() async throws {
        try await MessagingScene.open { scene in
            let messages = (0..<9).map { _ in envelope("test.slow") }
            let poison = messages[4].messageID
            try await deliver(messages, scene)
            try await scene.withConsumer(handlers: [Refusing(id: poison, .protocolViolation)]) {
                try await eventually("the others are handled") { try await scene.handled().count == 8 }
                try await eventually("it is a dead letter") {
                    try await scene.ready(MessagingScene.service.dead) == 1
                }
                try await eventually("nothing is left") { try await scene.ready(MessagingScene.service.inbox) == 0 }
            }
            let letters = try await scene.admin.get(queue: MessagingScene.service.dead, limit: 3)
            #expect(letters.map(\.properties.messageID) == [WireFormat.text(poison)])
            #expect(letters.map(\.properties.type) == ["test.slow"])
            #expect(letters.map { DeadLetter($0).errorClass } == ["protocol_violation"])
            #expect(letters.map { DeadLetter($0).sagaIDs } == [[try #require(messages[4].correlationID)]])
        }
    }

    @Test func oneThatMaySucceedLaterIsChargedAlone() async throws {
        try await MessagingScene.open { scene in
            let messages = (0..<6).map { _ in envelope("test.slow") }
            try await deliver(messages, scene)
            try await scene.withConsumer(handlers: [Refusing(id: messages[5].messageID, .newerVersion)]) {
                try await eventually("the others are handled") { try await scene.handled().count == 5 }
                try await eventually("it waits to be tried again") { try await scene.waiting() == 1 }
            }
            let attempts = try await scene.database.query("SELECT DISTINCT attempt FROM handled").decode((Int64).self)
            #expect(attempts.contains(0), "the others are not charged")
            #expect(try await scene.ready(MessagingScene.service.dead) == 0)
            #expect(try await scene.ready(MessagingScene.service.inbox) == 0)
        }
    }

    @Test func aBatchOfALaterVersionWaitsAsItIs() async throws {
        try await MessagingScene.open { scene in
            let later = envelope("test.happened.batch", body: #"{"schema_version":2,"messages":"?"}"#)
            let unreadable = envelope("test.happened.batch", body: "?")
            try await scene.deliver([later, unreadable])
            try await scene.withConsumer {
                try await eventually("one waits to be tried again") { try await scene.waiting() == 1 }
                try await eventually("the other is a dead letter") {
                    try await scene.ready(MessagingScene.service.dead) == 1
                }
            }
            let letters = try await scene.admin.get(queue: MessagingScene.service.dead, limit: 3)
            #expect(letters.map(\.properties.messageID) == [WireFormat.text(unreadable.messageID)])
        }
    }

    @Test func messagesOfABatchThatTakeTheirTimeHoldUpNobody() async throws {
        try await MessagingScene.open { scene in
            let slow = (0..<4).map { _ in envelope("test.slow") }
            let quick = (0..<4).map { _ in envelope() }
            // Each of the slow ones has seconds to lose: there is no time to try them all beside the quick ones.
            try await deliver(slow, scene)
            try await deliver(quick, scene)
            try await scene.withConsumer(handlers: [Noting(trouble: "SELECT pg_sleep(120)")]) {
                try await eventually("the quick ones are handled") {
                    try await scene.handled() == Set(quick.map(\.messageID))
                }
            }
            // What was still on trial was not acknowledged.
            try await scene.withConsumer {
                try await eventually("all are handled") { try await scene.handled().count == 8 }
                try await eventually("nothing is left") { try await scene.ready(MessagingScene.service.inbox) == 0 }
            }
        }
    }

    @Test func whatIsPublishedAtOnceTravelsTogether() async throws {
        try await MessagingScene.open { scene in
            let publisher = RabbitMQPublisher(configuration: scene.broker, logger: testLogger)
            scene.fixture.atEnd { await publisher.close() }
            let direct = DirectPublisher(service: "tests", publisher: publisher, logger: testLogger)
            try await direct.publish(
                (0..<5).map { _ in envelope() } + [envelope("test.slow")] + (0..<5).map { _ in envelope() })
            #expect(try await scene.ready(MessagingScene.service.inbox) == 2)
            try await scene.withConsumer {
                try await eventually("all are handled") { try await scene.handled().count == 11 }
            }
        }
    }

    @Test func whatNoQueueTakesIsTriedAgain() async throws {
        try await MessagingScene.open { scene in
            let publisher = RabbitMQPublisher(configuration: scene.broker, logger: testLogger)
            scene.fixture.atEnd { await publisher.close() }
            let direct = DirectPublisher(service: "tests", publisher: publisher, logger: testLogger)
            try await direct.publish((0..<3).map { _ in envelope("test.unheard") })
            #expect(direct.waitingCount == 3)
        }
    }
}

/// Notes all messages but one, which it refuses.
private struct Refusing: MessageHandler {
    let types: Set<String> = ["test.slow"]
    let id: UUID
    let errorClass: MessageRejection.ErrorClass

    init(id: UUID, _ errorClass: MessageRejection.ErrorClass) {
        self.id = id
        self.errorClass = errorClass
    }

    func handle(_ messages: [Envelope], in work: UnitOfWork) async throws {
        for message in messages {
            if message.messageID == id { throw MessageRejection(errorClass, "it says so") }
            try await work.transaction.query(
                "INSERT INTO handled VALUES (\(message.messageID), \(Int64(message.attempt))) ON CONFLICT DO NOTHING")
        }
    }
}
