import DevStack
import Events
import Hosting
import Logging
import Migrator
import Postgres
import RabbitMQ
import Synchronization
import TestSupport
import Testing

@testable import ShopctlCommands

/// What AMQP cannot tell is told by the management interface of a real broker.
@Suite(.serialized) struct QueueCheckTests {
    private static let inbox = "reviews.inbox.v2"

    /// A shop's queues on a broker with its management interface.
    private struct Scene: Sendable {
        let servers: PrivateServers
        let vhost: String
        let broker: RabbitMQConfiguration
        let admin: RabbitMQAdmin
        let environment: [String: String]

        func shopctl(_ arguments: String...) async -> CommandRun {
            let run = await CommandRun(arguments, environment: environment)
            let password = servers.state.rabbitmq.password
            #expect(!run.output.contains(password) && !run.notes.contains(password))
            return run
        }

        func evaluate(_ expression: String) async throws {
            try await servers.fixture.stack.broker.evaluate(expression)
        }

        func setPolicy(_ name: String, on queue: String, _ setting: String, _ value: Int) async throws {
            try await evaluate(
                """
                rabbit_policy:set(<<"\(vhost)">>, <<"\(name)">>, <<"^\(queue)$">>, \
                [{<<"\(setting)">>, \(value)}], 0, <<"queues">>, <<"test">>)
                """)
        }

        func management() throws -> ManagementInterface {
            try ManagementInterface(url: environment["SHOPCTL_AMQP_MANAGEMENT_URL"] ?? "", virtualHost: vhost)
        }
    }

    private func withScene(_ body: (Scene) async throws -> Void) async throws {
        try await withPrivateServers([.rabbitmq], management: true) { servers in
            let vhost = try await servers.fixture.vhost()
            let broker = try RabbitMQConfiguration(url: vhost.url)
            _ = try await TopologyMigrator(configuration: broker, logger: testLogger).declare(.shop)
            let admin = RabbitMQAdmin(configuration: broker, logger: testLogger)
            servers.fixture.atEnd { await admin.close() }
            let url = try #require(servers.state.managementURL)
            #expect(servers.state.environment["SHOPCTL_AMQP_MANAGEMENT_URL"] == url)
            try await body(
                Scene(
                    servers: servers, vhost: vhost.name, broker: broker, admin: admin,
                    environment: ["AMQP_URL": vhost.url, "SHOPCTL_AMQP_MANAGEMENT_URL": url]))
        }
    }

    @Test func whatIsWrongIsSaidWithTheWayOut() async throws {
        try await withScene { scene in
            let whole = await scene.shopctl("queue", "check")
            #expect(
                whole.status == .success && whole.output.hasSuffix("all is well\n"), "\(whole.output)\(whole.notes)")

            try await scene.admin.unbind(
                queue: Self.inbox, exchange: Topology.eventsExchange, routingKey: "order.confirmed")
            try await scene.admin.bind(queue: Self.inbox, exchange: Topology.eventsExchange, routingKey: "order.#")
            let unbound = await scene.shopctl("queue", "check")
            #expect(unbound.status == .no && unbound.notes.isEmpty)
            #expect(unbound.output.contains("\(Self.inbox): not bound to order.confirmed of shop.events"))
            #expect(unbound.output.contains("\(Self.inbox): bound to order.# of shop.events"))
            #expect(unbound.output.contains("next: shopctl migrate up\n"))
            #expect(
                unbound.output.contains(
                    "next: shopctl outbox replay --service orders --type order.confirmed --since 24h\n"))
            #expect(unbound.output.contains("delete binding source=shop.events"))
            let list = await scene.shopctl("queue", "list")
            #expect(list.status == .success && list.output.contains("next: shopctl queue check\n"))
            #expect(list.output.contains("1 missing") && list.output.contains("ACK/S"), "\(list.output)")
            let told = await scene.shopctl("queue", "list", "-o", "jsonl")
            #expect(told.output.contains(#""missing_bindings":["order.confirmed of shop.events"]"#), "\(told.output)")

            try await scene.admin.bind(
                queue: Self.inbox, exchange: Topology.eventsExchange, routingKey: "order.confirmed")
            try await scene.admin.unbind(queue: Self.inbox, exchange: Topology.eventsExchange, routingKey: "order.#")
            try await scene.setPolicy("foreign one", on: "orders.dead.v2", "message-ttl", 60_000)
            let policy = try await eventuallyValue("the policy is in force") {
                let run = await scene.shopctl("queue", "check", "-o", "json")
                return run.status == .no ? run : nil
            }
            #expect(policy.output.contains(#""kind": "losing_policy""#))
            #expect(policy.output.contains("drops a dead letter after 60000 ms"))
            #expect(policy.output.contains("have it removed from RabbitMQ, or message-ttl from it"))
            #expect(!policy.output.contains("rabbitmqctl"))
            #expect(policy.output.contains(#""policy": "foreign one""#))
        }
    }

    @Test func whatWasGivenUpOnIsSaid() async throws {
        try await withScene { scene in
            let publisher = RabbitMQPublisher(configuration: scene.broker, logger: testLogger)
            scene.servers.fixture.atEnd { await publisher.close() }
            let message = RabbitMQMessage(exchange: "", routingKey: "reviews.dead.v2", body: [1])
            #expect(try await publisher.publish([message]).allSatisfy { $0 == .confirmed })
            let found = try await eventuallyValue("the letter is counted") {
                let run = await scene.shopctl("queue", "check")
                return run.status == .no ? run : nil
            }
            #expect(found.output.contains("reviews.dead.v2: 1 message was given up on\n"), "\(found.output)")
            #expect(found.output.hasSuffix("next: shopctl queue peek reviews\n"), "\(found.output)")
            let told = await scene.shopctl("queue", "check", "-o", "json")
            #expect(told.output.contains(#""kind": "dead_letters""#), "\(told.output)")
        }
    }

    @Test func whatIsBeingHandledIsCounted() async throws {
        try await withScene { scene in
            let publisher = RabbitMQPublisher(configuration: scene.broker, logger: testLogger)
            let consumer = RabbitMQConsumer(configuration: scene.broker, queue: Self.inbox, logger: testLogger)
            scene.servers.fixture.atEnd {
                await consumer.close()
                await publisher.close()
            }
            let message = RabbitMQMessage(exchange: "", routingKey: Self.inbox, body: [1])
            #expect(try await publisher.publish([message, message]).allSatisfy { $0 == .confirmed })
            var taken: [DeliveryBatch] = []
            for await batch in consumer.batches {
                taken.append(batch)
                if taken.flatMap(\.deliveries).count == 2 { break }
            }
            try await eventually("the two are counted") {
                let run = await scene.shopctl("queue", "list", "-o", "jsonl")
                let line = run.output.split(separator: "\n").first { $0.contains(Self.inbox) }
                return line?.contains(#""ready":0,"unacknowledged":2,"consumers":1"#) ?? false
            }
            try await eventually("and so is what went through") {
                let run = await scene.shopctl("queue", "list", "-o", "jsonl")
                let line = run.output.split(separator: "\n").first { $0.contains(Self.inbox) } ?? ""
                return !line.contains(#""publish_rate":null"#) && !line.contains(#""deliver_rate":null"#)
                    && line.contains(#""missing_bindings":[]"#)
            }
            withExtendedLifetime(taken) {}
        }
    }

    @Test func whatCannotBeCheckedIsSaid() async throws {
        try await withScene { scene in
            func check(_ url: String?) async -> CommandRun {
                var environment = scene.environment
                environment["SHOPCTL_AMQP_MANAGEMENT_URL"] = url
                let run = await CommandRun(["queue", "check"], environment: environment)
                #expect(!run.notes.contains("hunter2") && !run.output.contains("hunter2"))
                return run
            }
            let without = await check(nil)
            #expect(without.status == .success && without.output.contains("what could be checked is well"))
            #expect(
                without.notes.isEmpty && without.output.contains("not looked at: bindings, policies; "), "\(without)")
            #expect(without.output.contains("SHOPCTL_AMQP_MANAGEMENT_URL"), "\(without)")
            let port = try #require(scene.servers.state.rabbitmq.managementPort)
            let wrong = await check("http://shopctl:hunter2@127.0.0.1:\(port)")
            #expect(wrong.status == .partial && wrong.notes.contains("refuses the user"))
            let nobody = await check("http://shopctl:hunter2@127.0.0.1:1")
            #expect(nobody.status == .partial && nobody.notes.contains("http://127.0.0.1:1"))
            let unreadable = await check("http://shopctl:hunter2@")
            #expect(unreadable.status == .badConfiguration && unreadable.notes.contains("amqp.management-url"))
        }
    }

    @Test func servicesReportWhatTheyMakeAgain() async throws {
        try await withScene { scene in
            let lines = ErrorLines()
            let topology = try #require(Topology.shop.services.first { $0.service == "reviews" })
            let kept = KeptLosses()
            let keeper = QueueKeeper(
                topology: topology, broker: scene.broker, deadLetterLimit: 100, interval: .milliseconds(50),
                view: try scene.management(), replay: MessageSenders.replay, note: kept.note, logger: lines.logger)
            let running = Task { try await keeper.run() }
            defer { running.cancel() }
            try await scene.setPolicy("foreign", on: Self.inbox, "delivery-limit", 3)
            try await eventually("the policy is reported") { lines.count("a policy changes") == 1 }
            var losses = 0
            try await eventually("the binding is reported") {
                // One that goes between a look and the declaration behind it is made again unseen.
                losses += 1
                try await scene.admin.unbind(
                    queue: Self.inbox, exchange: Topology.eventsExchange, routingKey: "order.confirmed")
                return lines.count("a binding is missing") >= 1
            }
            try await eventually("and made again") {
                try await scene.management().snapshot().findings(about: topology).allSatisfy {
                    $0.kind == "diverting_policy"
                }
            }
            let reports = lines.count("a binding is missing")
            #expect(reports <= losses)
            let line = try #require(lines.all.first { $0.contains("a binding is missing") })
            #expect(line.contains("shopctl outbox replay --service orders --type order.confirmed --since 20"))
            try await eventually("it is kept, though that failed at first") {
                kept.all.count(where: \.isBound) == reports
            }
            #expect(lines.count("a binding is made again") == reports, "\(lines.all)")
            let isTold = kept.all.allSatisfy {
                $0.queue == Self.inbox && $0.type == "order.confirmed" && $0.lastSeen != nil
            }
            #expect(isTold && kept.failures == 1)
            try await scene.evaluate(
                #"rabbit_policy:delete(<<"\#(scene.vhost)">>, <<"foreign">>, <<"test">>)"#)
            try await eventually("its end is reported") { lines.count("a policy no longer changes") == 1 }
            // It has looked many times meanwhile.
            #expect(lines.count("a policy changes") == 1 && lines.count("a binding is missing") == reports)
        }
    }

    @Test func aLossIsKeptBeforeItsBindingIsMadeAgain() async throws {
        try await withScene { scene in
            let topology = try #require(Topology.shop.services.first { $0.service == "reviews" })
            let view = try scene.management()
            let (lines, kept) = (ErrorLines(), KeptLosses())
            func running(_ broker: RabbitMQConfiguration) -> Task<Void, any Error> {
                let keeper = QueueKeeper(
                    topology: topology, broker: broker, deadLetterLimit: 100, interval: .milliseconds(50), view: view,
                    replay: MessageSenders.replay, note: kept.note, logger: lines.logger)
                return Task { try await keeper.run() }
            }
            try await scene.admin.unbind(
                queue: Self.inbox, exchange: Topology.eventsExchange, routingKey: "order.confirmed")
            // It sees what is missing, and ends before it has made it again.
            let first = running(try RabbitMQConfiguration(url: "amqp://shop:secret@127.0.0.1:1/x"))
            try await eventually("it has looked often") { lines.count("a binding is missing") >= 5 }
            first.cancel()
            _ = await first.result
            #expect(kept.all.map(\.isBound) == [false] && kept.failures == 1)

            let second = running(scene.broker)
            defer { second.cancel() }
            try await eventually("it is bound again") { kept.all.count == 3 }
            #expect(kept.all.map(\.isBound) == [false, false, true])
            #expect(kept.all.allSatisfy { $0.queue == Self.inbox && $0.type == "order.confirmed" })

            try await scene.admin.deleteQueue(Self.inbox)
            try await eventually("the queue is missing") {
                lines.all.contains { line in
                    line.contains("a queue is missing") && line.contains("shopctl migrate up; shopctl outbox replay ")
                }
            }
            try await eventually("its losses are kept, once each") { kept.all.count == 5 }
            #expect(Set(kept.all.suffix(2).map(\.type)) == ["order.confirmed", "order.cancelled"])
            #expect(kept.all.suffix(2).allSatisfy { !$0.isBound })
        }
    }

    @Test func migratingNotesWhatItMakesAgain() async throws {
        try await withScene { scene in
            try await withFixture { fixture in
                let url = try await fixture.database().url
                let client = PostgresClient(configuration: try PostgresConfiguration(url: url), logger: testLogger)
                fixture.atEnd { await client.close() }
                let environment = scene.environment.merging(["SHOPCTL_REVIEWS_DATABASE_URL": url]) { $1 }
                func migrate() async throws -> [String] {
                    let run = await CommandRun(["migrate", "up", "--role", "reviews"], environment: environment)
                    #expect(run.status == .success, "\(run)")
                    return try await client.query(
                        "SELECT split_part(action, ' since ', 1) FROM audit_trail ORDER BY id"
                    ).decode((String).self)
                }
                try await scene.admin.deleteQueue(Self.inbox)
                #expect(try await migrate() == [], "a new service lacks nothing")
                try await client.query("INSERT INTO inbox (consumer, message_id) VALUES ('x', gen_random_uuid())")
                try await scene.admin.unbind(
                    queue: Self.inbox, exchange: Topology.eventsExchange, routingKey: "order.cancelled")
                let binding = [
                    "queue.unbound \(Self.inbox) order.cancelled", "queue.rebind \(Self.inbox) order.cancelled",
                ]
                #expect(try await migrate() == binding)
                #expect(try await migrate() == binding, "nothing more was missing")
                try await scene.admin.deleteQueue(Self.inbox)
                let queue = ["queue.unbound", "queue.rebind"].flatMap { verb in
                    ["order.confirmed", "order.cancelled"].map { "\(verb) \(Self.inbox) \($0)" }
                }
                #expect(try await migrate() == binding + queue)
                let lost = LostEvents.unsettled([
                    try await LostEvents.Trail.read("reviews", client), LostEvents.Trail(service: "orders"),
                ])
                #expect(lost.map(\.type) == ["order.cancelled", "order.confirmed"], "each is told once")
            }
        }
    }
}

/// Keeps what was lost; the first attempt fails.
private final class KeptLosses: Sendable {
    private struct Refusal: Error {}

    private let state = Mutex((kept: [BindingLoss](), failures: 0))

    var all: [BindingLoss] { state.withLock { $0.kept } }
    var failures: Int { state.withLock { $0.failures } }

    func note(_ loss: BindingLoss) async throws {
        try state.withLock { state in
            if state.failures == 0 {
                state.failures = 1
                throw Refusal()
            }
            state.kept.append(loss)
        }
    }
}

/// Collects what is logged at info and above, with its metadata.
private final class ErrorLines: Sendable {
    private let collected = Mutex<[String]>([])

    var all: [String] { collected.withLock { $0 } }
    var logger: Logger { Logger(label: "test") { _ in Handler(lines: self) } }

    func count(_ part: String) -> Int { all.count { $0.contains(part) } }

    private struct Handler: LogHandler {
        let lines: ErrorLines
        var logLevel = Logger.Level.info
        var metadata = Logger.Metadata()
        subscript(metadataKey key: String) -> Logger.MetadataValue? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) {
            lines.collected.withLock { $0.append("\(event.message) \(event.metadata ?? [:])") }
        }
    }
}
