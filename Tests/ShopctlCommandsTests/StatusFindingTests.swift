import Events
import FoundationEssentials
import Hosting
import Sagas
import Testing

@testable import ShopctlCommands

@Suite("What needs a hand")
struct StatusFindingTests {
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)

    private func shop(_ change: (inout ShopStatus) -> Void = { _ in }) -> ShopStatus {
        var status = ShopStatus(at: Self.now)
        status.redis = .found(())
        status.broker = .found(BrokerStatus(services: [service()], unchecked: nil))
        change(&status)
        return status
    }

    private func service(
        _ name: String = "products", consumers: Int = 1, retrying: Int = 0, dead: Int = 0, findings: [String] = [],
        waiting: WaitingMessages? = nil
    ) -> BrokerStatus.Service {
        BrokerStatus.Service(
            service: name, ready: 0, unacknowledged: 0, consumers: consumers, retrying: retrying, dead: dead,
            missing: [], retired: [], findings: findings, waiting: waiting)
    }

    private func process(_ text: String, isNamed: Bool = true, answers: Bool = true) -> ProcessStatus {
        let address = HostPort(host: "10.0.0.7", port: 9000)
        let readiness = Readiness(
            address: address, origin: "--address", isReady: !text.contains("[-]"), text: text)
        return ProcessStatus(
            address: address, origin: "--address", isNamed: isNamed, readiness: answers ? readiness : nil)
    }

    private func role(_ port: Int, _ state: RoleStatus.State, isNamed: Bool = true) -> RoleStatus {
        RoleStatus(
            role: .orders, address: HostPort(host: "10.0.0.7", port: port), isNamed: isNamed, state: state, reason: nil)
    }

    @Test("Nothing, of a shop that is well")
    func none() {
        let status = shop { $0.processes = [process("[+] orders orders.database\nversion \(Version.text)\nready\n")] }
        #expect(status.findings == [] && status.level == "ok")
        #expect(status.processes[0].roles == [.orders] && status.processes[0].readiness?.version == Version.text)
        #expect(StatusReport(status: status).table(.plain).contains("nothing needs a hand"))
    }

    @Test("The worst comes first, and what helps is told once")
    func order() {
        let status = shop {
            $0.redis = .away(reason: "gone", next: "shopctl doctor")
            $0.broker = .found(
                BrokerStatus(services: [service(consumers: 0, retrying: 1, dead: 2)], unchecked: "no management"))
        }
        #expect(
            status.findings.map(\.kind) == [
                "no_consumer", "dead_letters", "redis_away", "bindings_unchecked", "retrying",
            ])
        #expect(status.level == "critical")
        let text = StatusReport(status: status).table(.plain)
        #expect(text.contains("critical products: nobody consumes its inbox\n"))
        #expect(
            text.hasSuffix(
                "next: shopctl serve products\nthen: shopctl queue peek products\nthen: shopctl doctor\n"
                    + "then: shopctl queue check\nthen: shopctl queue peek products --retry\n"), "\(text)")
    }

    @Test("A queue that loses messages now goes before letters that wait for somebody")
    func losses() {
        let status = shop {
            $0.broker = .found(
                BrokerStatus(
                    services: [
                        service(dead: 2), service("orders", dead: 1), service("reviews", findings: ["not bound"]),
                    ], unchecked: nil))
        }
        #expect(status.findings.map(\.kind) == ["queue_wrong", "dead_letters", "dead_letters"])
        #expect(status.findings.map(\.subject) == ["reviews", "products", "orders"])
    }

    @Test("Nobody is told to start a role that is known to run: its consumer comes back by itself")
    func consumers() {
        func next(_ change: (inout ShopStatus) -> Void) -> [String] {
            shop {
                $0.broker = .found(BrokerStatus(services: [service("orders", consumers: 0)], unchecked: nil))
                change(&$0)
            }.findings.filter { $0.kind == "no_consumer" }.map(\.next)
        }
        let text = "[+] orders orders.database\nversion \(Version.text)\nready\n"
        #expect(next { $0.processes = [process(text)] } == ["shopctl status --watch"])
        #expect(next { $0.roles = [role(1, .ready)] } == ["shopctl status --watch"])
        let start = ["shopctl serve orders"]
        #expect(next { $0.roles = [role(1, .away)] } == start && next { _ in } == start)
        #expect(next { $0.processes = [process("[+] reviews reviews.database\nready\n")] } == start)
        #expect(next { $0.processes = [process("[-] orders orders.database: gone\n")] } == start)
    }

    @Test("Copies of a message that is tried again are told as such, and what goes by itself is said to")
    func copies() {
        func text(_ waiting: WaitingMessages?, open: Int64?) -> String? {
            shop {
                $0.broker = .found(BrokerStatus(services: [service(retrying: 14, waiting: waiting)], unchecked: nil))
                guard let open else { return }
                let standing = SagaStanding(shares: [SagaStanding.Share(name: "order-placement", open: open)])
                $0.databases = [Role.orders, .products, .customers, .reviews, .gateway].map { role in
                    DatabaseStatus(
                        role: role,
                        answer: .found(
                            DatabaseStatus.Contents(
                                standing: .unknown(role: role.rawValue, database: "x", latest: 1, reason: ""),
                                sagas: standing)))
                }
            }.findings.first { $0.kind == "retrying" }?.text
        }
        let steps = WaitingMessages(copies: 14, messages: 7, delay: .thirtySeconds, areSteps: true)
        let told = "14 copies of 7 messages failed and wait to be tried again within 30s"
        #expect(text(steps, open: 1) == told && text(steps, open: nil) == told)
        #expect(text(steps, open: 0) == told + "; no saga is open, so they are harmless and go then")
        let events = WaitingMessages(copies: 14, messages: 14, delay: .fiveMinutes, areSteps: false)
        #expect(text(events, open: 0) == "14 failed and wait to be tried again within 300s")
        let refused = WaitingMessages(
            copies: 6, messages: 2, delay: .thirtySeconds, areSteps: true, lastError: "permission denied")
        let why = "6 copies of 2 messages failed and wait to be tried again within 30s: permission denied"
        #expect(text(refused, open: 1) == why)
        let unseen = "14 failed and wait to be tried again, copies of resends among them"
        #expect(text(nil, open: 1) == unseen && text(nil, open: nil) == unseen)
        #expect(text(nil, open: 0) == unseen + "; no saga is open: those that are steps are harmless and go then")
    }

    @Test("Several databases that are away are looked at by one command")
    func databases() {
        func away(_ role: Role) -> DatabaseStatus {
            DatabaseStatus(role: role, answer: .away(reason: "gone", next: "shopctl migrate status"))
        }
        let one = shop { $0.databases = [away(.orders)] }.findings
        #expect(one.map(\.next) == ["shopctl migrate status --role orders"])
        let two = shop { $0.databases = [away(.orders), away(.reviews)] }.findings
        #expect(Set(two.map(\.next)) == ["shopctl migrate status"] && two.map(\.subject) == ["orders", "reviews"])
    }

    @Test("A server is told once for all databases that it refuses for one reason, by its address and their settings")
    func sharedServer() {
        func database(
            _ role: Role, _ place: String, isAway: Bool = true, _ code: ErrorCode = .databaseUnreachable
        ) -> DatabaseStatus {
            DatabaseStatus(
                role: role,
                answer: isAway
                    ? .away(
                        reason: "no answer (database 'shop_\(role.rawValue)'): silence", next: "shopctl doctor",
                        code: code)
                    : .found(
                        DatabaseStatus.Contents(standing: .unknown(role: "", database: "", latest: 1, reason: ""))),
                place: place, setting: "\(role.rawValue).database.url")
        }
        let status = shop {
            $0.databases = [
                database(.orders, "a:1"), database(.reviews, "b:2"), database(.customers, "a:1"),
            ]
            $0.roles = [role(1, .notReady)]
        }
        let told = status.findings
        #expect(told.map(\.kind) == ["database_away", "database_away", "role_not_ready"])
        #expect(told.map(\.subject) == ["databases", "reviews", "orders"])
        #expect(told[0].text == "PostgreSQL at a:1, with the databases of orders and customers: no answer: silence")
        #expect(told[1].text == "no answer (database 'shop_reviews'): silence")
        #expect(told.map(\.next) == ["shopctl doctor", "shopctl doctor", "shopctl doctor"])
        #expect(status.awayServers.map(\.place) == ["a:1", "b:2"])
        let answered = shop { $0.databases = [database(.orders, "a:1"), database(.customers, "a:1", isAway: false)] }
        #expect(answered.findings.map(\.subject) == ["orders"])
        #expect(answered.awayServers.map(\.name) == ["PostgreSQL at a:1, with the database of orders"])
        #expect(AwayServer.advice(answered.awayServers).contains("PostgreSQL at a:1 (orders.database.url)"))
        let mixed = shop {
            $0.databases = [
                database(.products, "a:1"), database(.orders, "a:1", .databaseLogin), database(.customers, "a:1"),
            ]
        }
        #expect(mixed.awayServers.map(\.roles) == [[.products, .customers], [.orders]])
        let advice = AwayServer.advice(mixed.awayServers)
        #expect(advice.contains("a:1 (products.database.url, customers.database.url), PostgreSQL at a:1 (orders."))
        #expect(mixed.findings.map(\.subject) == ["databases", "orders"])
    }

    @Test("The address of what is away is shown, and where to see to it")
    func away() {
        let status = shop {
            $0.redis = .away(reason: "gone", next: "shopctl doctor")
            $0.redisPlace = "127.0.0.1:6379"
            $0.brokerPlace = "127.0.0.1:5672"
        }
        let table = StatusReport(status: status).table(.plain)
        for place in ["127.0.0.1:6379", "127.0.0.1:5672"] { #expect(table.contains(place), "\(table)") }
        let advice = AwayServer.advice(status.awayServers)
        #expect(advice.contains("Redis at 127.0.0.1:6379 (redis.url)") && !advice.contains("5672"), "\(advice)")
    }

    @Test("Nobody at a default place is no fault; at a place that somebody has named it is")
    func places() {
        #expect(shop { $0.processes = [process("", isNamed: false, answers: false)] }.findings == [])
        #expect(shop { $0.roles = [role(1, .away, isNamed: false)] }.findings == [])
        // Who answers there may be another shop's.
        for isNamed in [true, false] {
            let status = shop { $0.roles = [role(1, .ready, isNamed: isNamed)] }
            let table = StatusReport(status: status).table(.plain)
            #expect(table.contains("10.0.0.7:1 (usual)") == !isNamed, "\(table)")
            #expect(table.contains("usual: no setting names these addresses") == !isNamed, "\(table)")
        }
        let away = shop {
            $0.processes = [process("", answers: false)]
            $0.roles = [role(1, .away)]
        }
        #expect(away.findings.map(\.kind) == ["process_away", "role_away"])
        #expect(away.findings.map(\.next) == ["shopctl health --address 10.0.0.7:9000", "shopctl serve orders"])
    }

    @Test("A replica that is missing is a warning, the last one is critical")
    func replicas() {
        let one = shop { $0.roles = [role(1, .ready), role(2, .away)] }.findings
        #expect(one.map(\.severity) == [.warning] && one[0].text == "nobody answers at 10.0.0.7:2")
        let both = shop { $0.roles = [role(1, .notReady), role(2, .away)] }.findings
        #expect(both.map(\.severity) == [.critical] && both[0].kind == "role_not_ready")
    }

    @Test("A process tells its version, and why it is not ready, and which checks fail that nothing else explains")
    func processes() {
        let other = shop { $0.processes = [process("[+] orders orders.database\nversion 9.9.9\n")] }.findings
        #expect(other.map(\.kind) == ["version_differs"] && other[0].severity == .warning)
        let text = "[-] orders orders.database: gone\n[!] orders orders.broker: gone\n"
        let unready = shop { $0.processes = [process(text)] }.findings
        #expect(unready.map(\.kind) == ["process_not_ready", "check_fails"])
        #expect(unready.map(\.text) == ["orders orders.database: gone", "orders orders.broker: gone"])
        let reported = shop { $0.processes = [process("[!] orders orders.broker: gone\n")] }.findings
        #expect(reported.map(\.kind) == ["check_fails"] && reported[0].severity == .warning)
        let both = shop {
            $0.processes = [process("[!] orders orders.broker: gone\n")]
            $0.broker = .found(BrokerStatus(services: [service(retrying: 1)], unchecked: nil))
        }
        #expect(both.findings.map(\.kind) == ["retrying", "check_fails"], "one does not hide the other")
        let explained = shop {
            $0.processes = [process("[!] orders orders.broker: gone\n")]
            $0.broker = .away(reason: "gone", next: "shopctl health")
        }
        #expect(explained.findings.map(\.kind) == ["broker_away"])
        let frozen = shop {
            $0.processes = [process("[!] orders orders.broker: no answer\n[!] orders orders.dead-letters: no answer\n")]
            $0.broker = .away(reason: "no answer", next: "shopctl doctor")
        }
        #expect(frozen.findings.map(\.kind) == ["broker_away"], "letters that nobody can count are no finding")
    }

    @Test("A stuck saga is told with the answer that it waits for, and why that does not come")
    func stuck() {
        let saga = SagaRecord(
            id: UUID(), name: "order-placement", subjectID: 42, phase: .trying, startedAt: Self.now - 300,
            deadlineAt: Self.now, stuckSince: Self.now - 46, waitsFor: ["customers"])
        let standing = SagaStanding(
            shares: [SagaStanding.Share(name: "order-placement", open: 1, undecided: 1, stuck: 1)], longestStuck: saga)
        func told(_ change: (inout ShopStatus) -> Void = { _ in }) -> String? {
            shop {
                $0.databases = [
                    DatabaseStatus(
                        role: .orders,
                        answer: .found(
                            DatabaseStatus.Contents(
                                standing: .unknown(role: "orders", database: "x", latest: 1, reason: ""),
                                sagas: standing)))
                ]
                change(&$0)
            }.findings.first { $0.kind == "sagas_stuck" }?.text
        }
        let text = "1 saga is stuck, the longest for 46 s: no vote of customers"
        #expect(told() == text)
        #expect(
            told { $0.processes = [process("[-] customers customers.database: gone\n")] }
                == text + "; customers.database: gone")
        let refused = told {
            var broker = BrokerStatus(services: [service()], unchecked: nil)
            broker.errors.add(.init(text: "permission denied", at: nil, service: "customers"), of: saga.id)
            $0.broker = .found(broker)
        }
        #expect(refused == text + "; permission denied")
    }

    @Test("Orders past the backlog, stuck sagas and an outbox that lags")
    func traffic() {
        func database(_ role: Role, _ outbox: OutboxLag?, _ sagas: SagaStanding?) -> DatabaseStatus {
            DatabaseStatus(
                role: role,
                answer: .found(
                    DatabaseStatus.Contents(
                        standing: .unknown(role: role.rawValue, database: "x", latest: 1, reason: ""), outbox: outbox,
                        sagas: sagas)))
        }
        func lag(_ age: Double) -> OutboxLag {
            OutboxLag(unsent: 3, oldestAt: Self.now, age: age, lastError: "refused")
        }
        let saga = SagaRecord(
            id: UUID(), name: "order-placement", subjectID: 42, phase: .trying,
            startedAt: Self.now - 300, deadlineAt: Self.now, stuckSince: Self.now - 240)
        let standing = SagaStanding(
            shares: [SagaStanding.Share(name: "order-placement", open: 5, undecided: 4, stuck: 1)],
            longestStuck: saga)
        let busy = shop {
            $0.limits.backlog = 4
            $0.databases = [database(.orders, lag(61), standing), database(.reviews, lag(59), nil)]
        }
        #expect(busy.findings.map(\.kind) == ["sagas_stuck", "orders_refused", "outbox_late"])
        #expect(busy.findings[0].text == "1 saga is stuck, the longest for 4 m")
        #expect(busy.findings[0].next == "shopctl saga inspect \(saga.id.uuidString.lowercased())")
        #expect(busy.findings[2].text == "3 messages are not sent, the oldest for 1 m: refused")
        #expect(busy.findings[2].next == "shopctl serve orders")
        let late = "shopctl outbox list --service orders --state unsent --state failing"
        let runs = shop {
            $0.databases = [database(.orders, lag(61), nil)]
            $0.roles = [role(1, .ready), role(2, .away)]
        }
        #expect(runs.findings.last?.next == late, "it is not started once more: \(runs.findings)")
        let away = shop {
            $0.databases = [database(.orders, lag(61), nil)]
            $0.roles = [role(1, .away)]
        }
        #expect(away.findings.last?.next == "shopctl serve orders")
    }
}
