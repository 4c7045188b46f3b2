import FoundationEssentials
import Postgres
import RabbitMQ
import TestSupport
import Testing

@testable import Events

/// One message's trouble is its own: it is charged and moved aside, and the others go on.
@Suite struct MessageTroubleTests {
    private static let sleep = "SELECT pg_sleep(120)"
    private static func raise(_ state: String) -> String {
        "DO $$ BEGIN RAISE EXCEPTION 'trouble' USING ERRCODE = '\(state)'; END $$"
    }

    /// Waits until all messages of a batch but one are handled, and that one waits for its next try.
    private func oneAlone(_ trouble: String, others count: Int) async throws {
        try await MessagingScene.open { scene in
            let slow = MessagingScene.envelope("test.slow")
            let others = (0..<count).map { _ in MessagingScene.envelope("test.happened") }
            try await scene.deliver(others.dropLast(2) + [slow] + others.suffix(2))
            try await scene.withConsumer(handlers: [Noting(trouble: trouble)]) {
                try await eventually("the others are handled") {
                    try await scene.handled() == Set(others.map(\.messageID))
                }
                try await eventually("it waits to be tried again") {
                    try await scene.waiting() == 1
                }
            }
        }
    }

    @Test func aStatementThatTakesTooLongIsTheMessages() async throws {
        try await oneAlone(Self.sleep, others: 6)
    }

    @Test(arguments: ["57014", "55P03", "40001", "40P01", "53400", "53200", "58030"])
    func aRefusalOfTheServerIsTheMessages(_ state: String) async throws {
        try await oneAlone(Self.raise(state), others: 4)
    }

    @Test func aConnectionThatAMessageEndsIsTheMessages() async throws {
        try await oneAlone("SELECT pg_terminate_backend(pg_backend_pid())", others: 4)
    }

    @Test func messagesOnTrialHoldUpNobody() async throws {
        try await MessagingScene.open { scene in
            // More than the lanes hold, each with seconds to lose.
            try await scene.deliver((0..<80).map { _ in MessagingScene.envelope("test.slow", attempt: 1) })
            try await scene.withConsumer(handlers: [Noting(trouble: Self.sleep)]) {
                let others = (0..<6).map { _ in MessagingScene.envelope("test.happened") }
                try await scene.deliver(others)
                try await eventually("the others are handled") {
                    try await scene.handled() == Set(others.map(\.messageID))
                }
            }
        }
    }

    @Test func aServerThatOnlyReadsChargesNobody() async throws {
        try await MessagingScene.open { scene in
            try await scene.database.query("CREATE SEQUENCE times")
            // The first tries meet a server that only reads; more of them than the driver makes by itself.
            let trouble = """
                DO $$ BEGIN IF nextval('times') < 8 THEN
                    RAISE EXCEPTION 'cannot execute INSERT in a read-only transaction' USING ERRCODE = '25006';
                END IF; END $$
                """
            let message = MessagingScene.envelope("test.slow")
            try await scene.deliver([message])
            try await scene.withConsumer(handlers: [Noting(trouble: trouble)]) {
                try await eventually("it is handled") { try await scene.handled() == [message.messageID] }
            }
            #expect(
                try await scene.database.query("SELECT attempt FROM handled").decode((Int64).self) == [0],
                "no attempt was charged")
        }
    }

    /// A server that lacks memory or disk is not the doing of the messages that find it so.
    @Test(arguments: ["53100", "53200", "58030"])
    func aServerThatLacksSomethingChargesNobody(_ state: String) async throws {
        try await MessagingScene.open { scene in
            try await scene.database.query("CREATE SEQUENCE times")
            // The first tries fail, so many that one of the two is put aside.
            let trouble = """
                DO $$ BEGIN IF nextval('times') < 8 THEN
                    RAISE EXCEPTION 'out of it' USING ERRCODE = '\(state)';
                END IF; END $$
                """
            let messages = [MessagingScene.envelope("test.slow"), MessagingScene.envelope("test.slow", attempt: 9)]
            try await scene.deliver(messages)
            try await scene.withConsumer(handlers: [Noting(trouble: trouble)]) {
                try await eventually("they are handled") {
                    try await scene.handled() == Set(messages.map(\.messageID))
                }
            }
            #expect(
                try await scene.database.query("SELECT attempt FROM handled ORDER BY attempt").decode((Int64).self)
                    == [0, 9], "no attempt was charged")
            #expect(try await scene.ready(MessagingScene.service.dead) == 0)
        }
    }

    @Test func anUnknownTypeAndANewerVersionWait() async throws {
        try await MessagingScene.open { scene in
            try await scene.deliver([
                MessagingScene.envelope("test.invented-later"),
                MessagingScene.envelope("test.happened", body: #"{"schema_version": 2}"#),
            ])
            try await scene.withConsumer {
                try await eventually("both wait to be tried again") {
                    try await scene.waiting() == 2
                }
            }
            let waiting = try await RetriedMessage.look(at: MessagingScene.service, by: scene.admin, limit: 9)
            #expect(waiting.map(\.failures) == [1, 1])
            #expect(
                Set(waiting.map(\.lastError)) == [
                    "no handler takes messages of type test.invented-later",
                    "test.happened: schema_version is 2, and this program reads 1",
                ])
            #expect(try await scene.waiting() == 2, "looking takes nothing away")
            #expect(try await scene.ready(MessagingScene.service.dead) == 0)
        }
    }

    @Test func whatNoVersionLearnsIsADeadLetterInTheEnd() async throws {
        try await MessagingScene.open { scene in
            try await scene.deliver([
                MessagingScene.envelope("test.invented-later", attempt: 10),
                MessagingScene.envelope("test.happened", attempt: 10, body: #"{"schema_version": 2}"#),
                MessagingScene.envelope("test.happened", body: #"{"schema_version": 0}"#),
            ])
            try await scene.withConsumer {
                try await eventually("all are dead letters") {
                    try await scene.ready(MessagingScene.service.dead) == 3
                }
            }
            let letters = try await scene.admin.get(queue: MessagingScene.service.dead, limit: 3).map(DeadLetter.init)
            #expect(Set(letters.map(\.errorClass)) == ["unknown_type", "newer_version", "undecodable"])
        }
    }

    @Test func aDeadLetterGoesNowhereElse() async throws {
        try await MessagingScene.open { scene in
            try await scene.admin.declareQueue("elsewhere", arguments: ["x-queue-type": "quorum"])
            var properties = MessageProperties(messageID: "no UUID")
            properties.headers["CC"] = .array([.string("elsewhere")])
            let message = RabbitMQMessage(
                exchange: "", routingKey: MessagingScene.service.inbox, body: [1], properties: properties)
            #expect(try await scene.publisher.publish(message) == .confirmed)
            try await scene.withConsumer {
                try await eventually("it is dead") { try await scene.ready(MessagingScene.service.dead) == 1 }
            }
            let queue = DeadLetterQueue(topology: MessagingScene.service, broker: scene.broker, logger: testLogger)
            try await queue.walk { _ in { .move(DeadLetter.replay($0, to: MessagingScene.service.inbox)) } }
            #expect(try await scene.ready("elsewhere") == 1, "only what the sender itself had sent there")
        }
    }
}
