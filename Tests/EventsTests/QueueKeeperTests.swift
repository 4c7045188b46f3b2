import FoundationEssentials
import Logging
import Postgres
import RabbitMQ
import Synchronization
import TestSupport
import Testing

@testable import Events

/// What is not routed is seen to: bindings are made again, and what was sent meanwhile is sent again.
@Suite struct QueueKeeperTests {
    private static let service = MessagingScene.service

    private func isRouted(_ scene: MessagingScene) async throws -> Bool {
        let message = WireFormat.message(
            MessagingScene.envelope("test.happened"), exchange: Topology.eventsExchange, routingKey: "test.happened")
        return try await scene.publisher.publish(message) == .confirmed
    }

    @Test func aBindingThatWasRemovedIsMadeAgain() async throws {
        try await MessagingScene.open { scene in
            let keeper = QueueKeeper(
                topology: Self.service, broker: scene.broker, deadLetterLimit: 1, interval: .milliseconds(50),
                logger: testLogger)
            let running = Task { try await keeper.run() }
            for _ in 0..<2 {
                try await scene.admin.unbind(
                    queue: Self.service.inbox, exchange: Topology.eventsExchange, routingKey: "test.happened")
                try await eventually("it is bound again") { try await isRouted(scene) }
            }
            running.cancel()
            _ = await running.result
        }
    }

    @Test func whatWasSentWithoutABindingIsSentAgain() async throws {
        try await MessagingScene.open { scene in
            let binding = (queue: Self.service.inbox, exchange: Topology.eventsExchange, key: "test.happened")
            // Somebody else hears it, so that it counts as routed.
            try await scene.admin.declareQueue("another", arguments: ["x-queue-type": "quorum"])
            try await scene.admin.bind(queue: "another", exchange: binding.exchange, routingKey: binding.key)
            try await scene.admin.unbind(queue: binding.queue, exchange: binding.exchange, routingKey: binding.key)
            try await scene.withReplica { transactor in
                let begun = Date() - 60
                for _ in 0..<3 { try await scene.commit(transactor) }
                try await scene.commit(transactor, "test.slow")
                try await eventually("all are sent") {
                    try await scene.database.query("SELECT 1 FROM outbox WHERE published_at IS NULL").isEmpty
                }
                #expect(try await scene.ready(binding.queue) == 1)
                try await scene.admin.bind(queue: binding.queue, exchange: binding.exchange, routingKey: binding.key)

                let replay = OutboxReplay(since: begun, types: ["test.happened"])
                #expect(try await replay.count(in: scene.database) == [.init(type: "test.happened", count: 3)])
                #expect(try await scene.ready(binding.queue) == 1)
                #expect(try await replay.run(in: scene.database).shares == [.init(type: "test.happened", count: 3)])
                try await eventually("they have come") { try await scene.ready(binding.queue) >= 4 }
                let ahead = OutboxReplay(since: Date() + 3600, types: [])
                #expect(try await ahead.run(in: scene.database).shares.isEmpty)
            }
        }
    }

    @Test func aBindingThatIsRefusedKeepsNoOtherFromBeingMade() async throws {
        try await MessagingScene.open { scene in
            let lines = LogLines()
            let keeper = QueueKeeper(
                topology: Self.service, broker: scene.broker, deadLetterLimit: 0, logger: lines.logger)
            let letter = RabbitMQMessage(exchange: Topology.deadExchange, routingKey: "tests", body: [1])
            try await scene.admin.deleteQueue(Self.service.inbox)
            try await scene.admin.unbind(
                queue: Self.service.dead, exchange: Topology.deadExchange, routingKey: "tests")
            #expect(try await scene.publisher.publish(letter) != .confirmed)
            #expect(try await keeper.look() == false)
            #expect(try await scene.publisher.publish(letter) == .confirmed)
            #expect(try await keeper.look() == false)
            for key in ["test.happened", "test.slow"] {
                let refused = "tests.inbox.v2 cannot be bound to shop.events under \(key): RabbitMQ not found"
                #expect(lines.warnings.count { $0.contains(refused) } == 1, "\(lines.warnings)")
            }
            #expect(lines.warnings.contains { $0.hasPrefix("too many dead letters") }, "\(lines.warnings)")

            let inbox = try #require(Self.service.queues.first { $0.name == Self.service.inbox })
            try await scene.admin.declareQueue(inbox.name, arguments: inbox.arguments)
            #expect(try await keeper.look())
            #expect(try await isRouted(scene))
        }
    }

    @Test func aDeadQueueThatGrowsIsAnAlarm() async throws {
        try await MessagingScene.open { scene in
            let lines = LogLines()
            let keeper = QueueKeeper(
                topology: Self.service, broker: scene.broker, deadLetterLimit: 1, logger: lines.logger)
            func bury() async throws {
                let message = RabbitMQMessage(exchange: Topology.deadExchange, routingKey: "tests", body: [1])
                #expect(try await scene.publisher.publish(message) == .confirmed)
            }
            try await bury()
            try await keeper.look()
            #expect(lines.warnings.isEmpty)
            try await bury()
            for _ in 0..<3 { try await keeper.look() }
            #expect(lines.warnings == ["too many dead letters: tests has 2 dead letters, more than 1"])
        }
    }
}

/// Collects warnings.
private final class LogLines: Sendable {
    private let collected = Mutex<[String]>([])

    var warnings: [String] { collected.withLock { $0 } }
    var logger: Logger { Logger(label: "test") { _ in Handler(lines: self) } }

    private struct Handler: LogHandler {
        let lines: LogLines
        var logLevel = Logger.Level.info
        var metadata = Logger.Metadata()
        subscript(metadataKey key: String) -> Logger.MetadataValue? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) {
            guard event.level >= .warning else { return }
            lines.collected.withLock { $0.append("\(event.message): \(event.metadata?["error"] ?? "")") }
        }
    }
}
