import DevStack
import FoundationEssentials
import Postgres
import RabbitMQ
import Synchronization
import TestSupport
import Testing

@testable import Events

/// What follows from rows is published after their commit, and nothing is acknowledged before the broker has it.
@Suite struct DirectPublisherTests {
    private static let answers = "answers"

    /// A process's way to send, by a connection of its own that may break.
    private struct Process {
        let proxy: TCPProxy
        let direct: DirectPublisher
        let transactor: Transactor
    }

    private func connect(_ scene: MessagingScene) async throws -> Process {
        let port = scene.fixture.stack.state.rabbitmq.port
        let proxy = TCPProxy(to: port)
        let url = scene.fixture.stack.state.amqpURL(vhost: scene.vhost)
            .replacing(":\(port)/", with: ":\(proxy.port)/")
        let publisher = RabbitMQPublisher(configuration: try MessagingScene.broker(url), logger: testLogger)
        let direct = DirectPublisher(service: "tests", publisher: publisher, logger: testLogger)
        let running = Task { try await direct.run() }
        scene.fixture.atEnd {
            running.cancel()
            proxy.close()
            await publisher.close()
        }
        try await scene.admin.declareQueue(Self.answers)
        try await scene.admin.bind(
            queue: Self.answers, exchange: Topology.eventsExchange, routingKey: "test.answered")
        try await eventually("it is connected") { direct.reach == .ready }
        return Process(
            proxy: proxy, direct: direct,
            transactor: Transactor(database: scene.database, outboxWake: Wake(), handover: nil, direct: direct))
    }

    private func sent(_ scene: MessagingScene, _ queue: String = DirectPublisherTests.answers) async throws -> [UUID] {
        try await scene.admin.get(queue: queue, limit: 200).flatMap { try WireFormat.envelopes($0).map(\.messageID) }
    }

    @discardableResult
    private func say(_ type: String, _ transactor: Transactor) async throws -> UUID {
        let message = try OutboxMessage(type: type, body: ["n": 1])
        try await transactor.run { $0.publish(message) }
        return message.messageID
    }

    @Test func aCallDoesNotWaitAndWhatALostConnectionTookIsSentAgain() async throws {
        try await MessagingScene.open { scene in
            let process = try await connect(scene)
            process.proxy.pause()
            var said: Set<UUID> = []
            for _ in 0..<50 { said.insert(try await say("test.answered", process.transactor)) }
            let all = said
            #expect(try await sent(scene).isEmpty, "no call has waited for the broker")
            // Whatever was on its way is lost.
            process.proxy.cut()
            process.proxy.resume()
            try await eventually("all are sent") { try await Set(sent(scene)) == all }
            try await eventually("nothing waits") { process.direct.waitingCount == 0 }
            #expect(try await scene.database.query("SELECT FROM outbox").isEmpty)
        }
    }

    @Test func nothingIsAcknowledgedBeforeWhatFollowsIsConfirmed() async throws {
        try await MessagingScene.open { scene in
            let process = try await connect(scene)
            let cause = MessagingScene.envelope("test.happened")
            // The broker gets what is sent, and its word does not come through.
            process.proxy.pause([.toClient])
            try await scene.deliver([cause])
            try await scene.withConsumer(handlers: [Answering()], transactor: process.transactor) {
                try await eventually("it is committed") { try await scene.handled() == [cause.messageID] }
                try await eventually("the answer is sent") { try await !sent(scene).isEmpty }
            }
            try await eventually("the cause is back") { try await scene.ready(MessagingScene.service.inbox) == 1 }
            process.proxy.cut()
            process.proxy.resume()
            // One that is cancelled after it has answered would leave the cause to the next.
            try await scene.withConsumer(handlers: [Answering()], transactor: process.transactor, finishing: true) {
                try await eventually("the answer is sent again") { try await sent(scene).count > 1 }
            }
            #expect(try await Set(sent(scene)) == [Answering.answerID(to: cause)])
            try await eventually("the cause is gone") { try await scene.ready(MessagingScene.service.inbox) == 0 }
        }
    }

    @Test func whatNoQueueTakesWaitsAndHoldsUpNothing() async throws {
        try await MessagingScene.open { scene in
            let process = try await connect(scene)
            let causes = ["test.slow", "test.happened"].map { MessagingScene.envelope($0) }
            try await scene.deliver(causes)
            // The answer to the first of them has no route.
            try await scene.withConsumer(handlers: [Answering()], transactor: process.transactor) {
                try await eventually("both are handled") { try await scene.handled().count == 2 }
                try await eventually("the other answer is there") { try await sent(scene).count == 1 }
                try await eventually("one waits") { process.direct.waitingCount == 1 }
            }
            #expect(try await scene.ready(MessagingScene.service.inbox) == 0)
            try await scene.admin.declareQueue("late")
            try await scene.admin.bind(queue: "late", exchange: Topology.eventsExchange, routingKey: "test.unrouted")
            try await eventually("it is sent") {
                try await sent(scene, "late") == [Answering.answerID(to: causes[0])]
            }
            try await eventually("nothing waits") { process.direct.waitingCount == 0 }
        }
    }

    @Test func whatOnlyWakesTravelsTogetherAndIsHeardOneByOne() async throws {
        try await MessagingScene.open { scene in
            let process = try await connect(scene)
            let wakes = try (0..<3).map { try OutboxMessage(type: "test.answered", mandatory: false, body: ["n": $0]) }
            let ids = wakes.map(\.messageID)
            try await process.transactor.run { work in
                for wake in wakes { work.publish(wake) }
            }
            let found = try await eventuallyValue("it is sent") {
                let found = try await scene.admin.get(queue: Self.answers, limit: 10)
                return found.isEmpty ? nil : found
            }
            #expect(found.count == 1, "one message carries them")
            #expect(try await sent(scene) == ids)

            let heard = Mutex<Set<UUID>>([])
            let subscription = EventSubscription(
                configuration: scene.broker, patterns: ["test.answered"], logger: testLogger
            ) { envelope in
                heard.withLock { _ = $0.insert(envelope.messageID) }
            }
            let listening = Task { try await subscription.run() }
            // What is sent before it listens is not heard.
            try await eventually("each is heard") {
                try await process.transactor.run { work in
                    for wake in wakes { work.publish(wake) }
                }
                return heard.withLock { $0 } == Set(ids)
            }
            listening.cancel()
            _ = await listening.result
        }
    }

    @Test func whatIsThereOnceIsTriedLessAndLessOften() throws {
        var postponed = PostponedMessages(capacity: 1)
        let message = MessagingScene.envelope("test.happened")
        #expect(postponed.nextDue == nil)
        postponed.add([message])
        postponed.add([MessagingScene.envelope("test.happened")])
        #expect(postponed.count == 1, "what there is no space for is left out")
        let due = postponed.takeDue(limit: 10)
        #expect(due.isEmpty)
        let first = try #require(postponed.nextDue)
        postponed.add([message])
        let second = try #require(postponed.nextDue)
        #expect(first < second && postponed.count == 1)
        postponed.forget([message])
        #expect(postponed.count == 0)
    }
}

/// Notes messages, and answers each: the same message in the same way.
private struct Answering: MessageHandler {
    let types: Set<String> = ["test.happened", "test.slow"]

    static func answerID(to message: Envelope) -> UUID {
        MessageID.derived(saga: message.messageID, source: "tests", kind: "answer")
    }

    func handle(_ messages: [Envelope], in work: UnitOfWork) async throws {
        for message in messages {
            try await work.transaction.query(
                "INSERT INTO handled VALUES (\(message.messageID), 0) ON CONFLICT DO NOTHING")
            work.publish(
                try OutboxMessage(
                    type: message.type == "test.slow" ? "test.unrouted" : "test.answered",
                    messageID: Self.answerID(to: message), body: ["n": 1]))
        }
    }
}
