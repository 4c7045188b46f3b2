import AsyncHTTPClient
import GRPCCore
import Logging
import NIOCore
import NIOHTTP1
import ShopProtos
import SwiftProtobuf
import Synchronization
import Testing

@testable import Hosting
@testable import Postgres

@Suite("Health is told truthfully, to orchestrators and to peers")
struct HealthTests {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    struct Broken: Error, CustomStringConvertible {
        var description: String { "broken on purpose" }
    }

    /// A check that fails when it is told to.
    final class Switch: Sendable {
        private let works = Mutex(true)

        func set(_ value: Bool) { works.withLock { $0 = value } }

        func check(_ name: String, isRequired: Bool = true) -> ReadinessCheck {
            ReadinessCheck(name, isRequired: isRequired) { [self] in
                guard works.withLock({ $0 }) else { throw Broken() }
            }
        }
    }

    func get(_ path: String, _ running: RunningHost) async throws -> (status: UInt, body: String) {
        let address = try #require(try await running.host.adminAddress())
        let response = try await HTTPClient.shared.execute(
            HTTPClientRequest(url: "http://\(address)\(path)"), timeout: .seconds(60))
        return (response.status.code, String(buffer: try await response.body.collect(upTo: 1 << 20)))
    }

    @Test("What a database says is told without the statement and its place in the source")
    func databaseWords() async {
        var error = PostgresError(.server, "it is not there", sqlState: .undefinedTable)
        (error.query, error.file, error.line) = ("SELECT 1", "Postgres/PostgresClient.swift", 117)
        let check = ReadinessCheck("reviews.database") { [error] in throw error }
        let entry = await CheckRunner(check, timeout: .seconds(60)).run(for: .reviews)
        #expect(entry.failure == "postgres server 42P01: it is not there")
    }

    @Test("The admin listener: alive, ready, metrics")
    func admin() async throws {
        let database = Switch()
        let cache = Switch()
        try await RunningHost.with(
            readiness: [database.check("reviews.database"), cache.check("reviews.cache", isRequired: false)],
            metrics: { "shop_things_total 1\n" }
        ) { running in
            #expect(try await get("/livez", running) == (200, "ok\n"))
            #expect(try await get("/readyz", running) == (200, "ok\n"))
            #expect(try await get("/metrics", running) == (200, "shop_things_total 1\n"))
            #expect(try await get("/elsewhere", running).status == 404)
            let verbose = try await get("/readyz?verbose", running)
            #expect(verbose.body.contains("[+] reviews reviews.database") && verbose.body.hasSuffix("ready\n"))

            cache.set(false)
            _ = await running.host.health.report(maximumAge: .zero)
            let degraded = try await get("/readyz?verbose", running)
            #expect(degraded.status == 200)
            #expect(degraded.body.contains("[!] reviews reviews.cache: broken on purpose"))

            database.set(false)
            _ = await running.host.health.report(maximumAge: .zero)
            #expect(try await get("/readyz", running) == (503, "not ready\n"))
            let failing = try await get("/readyz?verbose", running)
            #expect(failing.body.contains("[-] reviews reviews.database: broken on purpose"))
            #expect(try await get("/livez", running).status == 200)

            database.set(true)
            await running.host.health.beginDraining()
            let draining = try await get("/readyz?verbose", running)
            #expect(draining.status == 503 && draining.body.contains("draining"))
        }
    }

    @Test("grpc.health.v1 Check knows the server, the role and its services")
    func check() async throws {
        let database = Switch()
        // Nobody can show a token to the health service before it is known to be there.
        let verifier = try Tokens.verifier(.generate())
        try await RunningHost.with(verifier: verifier, readiness: [database.check("reviews.database")]) { running in
            try await running.withHealth { health in
                for name in ["", "reviews", "reviews.Reviews"] {
                    let response = try await health.check(
                        .with { $0.service = name }, metadata: ["authorization": "Bearer nonsense"])
                    #expect(response.status == .serving)
                }
                let unknown = try await serviceError { try await health.check(.with { $0.service = "orders" }) }
                #expect(unknown.code == .notFound)
                database.set(false)
                _ = await running.host.health.report(maximumAge: .zero)
                #expect(try await health.check(.init()).status == .notServing)
            }
        }
    }

    @Test("grpc.health.v1 Watch tells every change, the last when the server drains")
    func watch() async throws {
        let database = Switch()
        try await RunningHost.with(readiness: [database.check("reviews.database")]) { running in
            try await running.withHealth { health in
                try await health.watch(.with { $0.service = "reviews.Reviews" }) { response in
                    var updates = response.messages.makeAsyncIterator()
                    #expect(try await updates.next()?.status == .serving)
                    database.set(false)
                    _ = await running.host.health.report(maximumAge: .zero)
                    #expect(try await updates.next()?.status == .notServing)
                    database.set(true)
                    _ = await running.host.health.report(maximumAge: .zero)
                    #expect(try await updates.next()?.status == .serving)
                    await running.host.stop()
                    #expect(try await updates.next()?.status == .notServing)
                    // The stream ends with the server, and does not keep it from ending.
                    while try await updates.next() != nil {}
                }
            }
        }
    }

    @Test("Watching a service that is not there waits for it")
    func watchUnknown() async throws {
        try await RunningHost.with { running in
            try await running.withHealth { health in
                try await health.watch(.with { $0.service = "liked.Liked" }) { response in
                    var updates = response.messages.makeAsyncIterator()
                    let first = try await updates.next()
                    #expect(first?.status == .serviceUnknown)
                }
            }
        }
    }

    @Test(
        "A call that watches ends some time, whatever its name, and its caller may ask again",
        arguments: ["", "liked.Liked"])
    func watchLife(name: String) async throws {
        var connections = RPCConnections()
        connections.watchLife = .milliseconds(1)
        try await RunningHost.with(connections: connections) { running in
            try await running.withHealth { health in
                for _ in 0..<20 {
                    try await health.watch(.with { $0.service = name }) { response in
                        for try await _ in response.messages {}
                    }
                }
            }
        }
    }

    @Test("A connection has few calls that watch")
    func watches() async throws {
        var connections = RPCConnections()
        connections.watches = 1
        try await RunningHost.with(connections: connections) { running in
            try await running.withHealth { health in
                try await health.watch(.init()) { response in
                    var updates = response.messages.makeAsyncIterator()
                    #expect(try await updates.next()?.status == .serving)
                    let another = try await serviceError {
                        try await health.watch(.init()) { response in for try await _ in response.messages {} }
                    }
                    #expect(another.reason == "too_many_watches")
                    // Other calls pass, and other connections have their own.
                    #expect(try await health.check(.init()).status == .serving)
                    try await running.withHealth { other in
                        try await other.watch(.init()) { response in
                            var updates = response.messages.makeAsyncIterator()
                            let first = try await updates.next()
                            #expect(first?.status == .serving)
                        }
                    }
                }
            }
        }
    }

    @Test("Checks run side by side, and one that hangs is given up")
    func hangingCheck() async throws {
        let gate = Gate()
        let monitor = HealthMonitor(
            checks: [
                .reviews: [
                    ReadinessCheck("hangs") { await gate.wait() },
                    ReadinessCheck("works") {},
                ],
                .orders: [ReadinessCheck("works too") {}],
            ], timeout: .seconds(2), logger: logger)
        let first = await monitor.report()
        #expect(first.entries.map(\.isPassing) == [true, false, true])
        #expect(first.isReady(.orders) && !first.isReady(.reviews) && !first.isReady)
        // It still hangs: it is not asked a second time meanwhile.
        let second = await monitor.report(maximumAge: .zero)
        #expect(second.entries.first { $0.name == "hangs" }?.failure == "has not answered yet")
        gate.open()
        while await !monitor.report(maximumAge: .zero).isReady {}
    }

    @Test("That all roles are ready for the first time is told once")
    func firstReady() async throws {
        let told = Notes<Void>()
        let database = Switch()
        database.set(false)
        let monitor = HealthMonitor(
            checks: [
                .reviews: [ReadinessCheck("works") {}],
                .orders: [database.check("comes later")],
            ], logger: logger, whenFirstReady: { told.add(()) })
        #expect(await !monitor.report(maximumAge: .zero).isReady && told.all.isEmpty)
        database.set(true)
        for _ in 0..<3 { #expect(await monitor.report(maximumAge: .zero).isReady) }
        #expect(told.all.count == 1)
    }

    @Test("Those who ask at the same time share one round of checks")
    func sharedRounds() async throws {
        let rounds = Notes<Void>()
        let gate = Gate()
        let monitor = HealthMonitor(
            checks: [
                .reviews: [
                    ReadinessCheck("counted") {
                        rounds.add(())
                        await gate.wait()
                    }
                ]
            ], timeout: .seconds(60), logger: logger)
        await withDiscardingTaskGroup { group in
            for _ in 0..<20 { group.addTask { _ = await monitor.report(maximumAge: .seconds(60)) } }
            gate.open()
        }
        #expect(rounds.all.count == 1)
    }

    @Test("Whoever asks for what is now gets no round that began before")
    func roundsBegunBefore() async throws {
        let works = Mutex(true)
        let asked = Gate()
        let gate = Gate()
        let monitor = HealthMonitor(
            checks: [
                .reviews: [
                    ReadinessCheck("slow") {
                        let found = works.withLock { $0 }
                        asked.open()
                        await gate.wait()
                        guard found else { throw Broken() }
                    }
                ]
            ], timeout: .seconds(60), logger: logger)
        async let before = monitor.report(maximumAge: .zero)
        await asked.wait()
        works.withLock { $0 = false }
        async let after = monitor.report(maximumAge: .zero)
        // Time for it to find the round that is under way.
        for _ in 0..<1_000 { await Task.yield() }
        gate.open()
        #expect(await before.isReady)
        #expect(await !after.isReady)
    }

    @Test("Processes that ask each other for different roles do not wait for each other")
    func mutualPeers() async throws {
        let known = Notes<HealthMonitor>()
        // As the gateway and the products in one process and the reviews in another: reviews call products.
        let reviews = HealthMonitor(
            checks: [
                .reviews: [
                    ReadinessCheck("reviews.peer.products") {
                        guard await known.all.first?.isReady(.products) == true else { throw Broken() }
                    }
                ]
            ], timeout: .seconds(60), logger: logger)
        let shop = HealthMonitor(
            checks: [
                .gateway: [
                    ReadinessCheck("gateway.peer.reviews") {
                        guard await reviews.isReady(.reviews) else { throw Broken() }
                    }
                ],
                .products: [ReadinessCheck("products.database") {}],
            ], timeout: .seconds(60), logger: logger)
        known.add(shop)
        let report = await shop.report(maximumAge: .zero)
        #expect(report.entries.map(\.name) == ["gateway.peer.reviews", "products.database"])
        #expect(report.entries.map(\.failure) == [nil, nil])
        #expect(await reviews.isReady(.reviews))
    }

    @Test("Failures and recoveries are logged once")
    func transitions() async throws {
        let log = CapturedLog()
        let database = Switch()
        let monitor = HealthMonitor(checks: [.reviews: [database.check("reviews.database")]], logger: log.logger())
        for works in [true, false, false, true, true] {
            database.set(works)
            _ = await monitor.report(maximumAge: .zero)
        }
        #expect(log.lines.map(\.message) == ["check fails", "check passes again"])
    }
}
