import GRPCCore
import Logging
import ServiceLifecycle
import ShopProtos
import SwiftProtobuf
import Testing

@testable import Hosting

@Suite("A process starts and stops in order")
struct RoleHostTests {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    struct Failure: Error, Equatable {}

    /// A part that notes when it is told to stop.
    struct Recorder: Service {
        var name: String
        var notes: Notes<String>
        var started = Gate()

        func run() async throws {
            started.open()
            try? await gracefulShutdown()
            notes.add(name)
        }
    }

    func host(_ assemblies: [RoleAssembly], options: RoleHost.Options = .init(), log: Logger? = nil) throws -> RoleHost
    {
        let roles = Set(assemblies.filter { !$0.rpcServices.isEmpty }.map(\.role))
        return RoleHost(
            assemblies, peers: try Peers(local: roles), verifier: nil, options: options, logger: log ?? logger)
    }

    @Test("An open call ends well while its server stops, a new one is refused", arguments: Way.allCases)
    func inFlight(way: Way) async throws {
        let entered = Gate()
        let gate = Gate()
        let stub = ReviewsStub(onList: { product in
            guard product == 1 else { return }
            entered.open()
            await gate.wait()
        })
        try await RunningHost.with(stub) { running in
            async let open = running.reviews(way).getProductReviews(.with { $0.productID = 1 })
            await entered.wait()
            await running.host.stop()
            // Refused calls are the sign that the server itself is stopping, past the drain.
            while true {
                let attempt = Task { try await running.reviews(way).getProductReviews(.with { $0.productID = 2 }) }
                guard case .failure(let error) = await attempt.result else { continue }
                #expect((error as? RPCError)?.code == .unavailable)
                break
            }
            gate.open()
            let answer = try await open
            #expect(answer.reviews.first?.productID == 1)
        }
    }

    @Test("During the drain delay requests are still taken, but readiness has failed")
    func drain() async throws {
        struct Seen: Error {}
        // The delay is longer than any test: what ends it is the end of the process, which is cancelled.
        await #expect(throws: Seen.self) {
            try await RunningHost.with(drain: .seconds(3600)) { running in
                let product = Reviews_GetProductReviewsRequest.with { $0.productID = 5 }
                // The way to the server is open before that is told to stop.
                #expect(try await running.remote.reviews.getProductReviews(product).reviews.count == 1)
                _ = await running.host.health.report()
                let changes = await running.host.health.changes(of: .reviews)
                await running.host.stop()
                for await isReady in changes where !isReady { break }
                #expect(try await running.remote.reviews.getProductReviews(product).reviews.count == 1)
                throw Seen()
            }
        }
    }

    @Test("Servers stop before background work, callers before those they call, and what all stand on is closed last")
    func order() async throws {
        let notes = Notes<String>()
        let parts = [Recorder(name: "first", notes: notes), Recorder(name: "second", notes: notes)]
        let server = NamedServer(notes: notes)
        let assemblies = [
            RoleAssembly(.gateway, httpServer: server, closing: [{ notes.add("accounts closed") }]),
            RoleAssembly(
                .reviews, rpcServices: [ReviewsStub()], background: parts,
                closing: [{ notes.add("pool closed") }, { notes.add("cache closed") }]),
        ]
        let host = try host(assemblies, options: .init(admin: RunningHost.anyPort))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await host.run() }
            #expect(try await host.listeningAddress(of: .gateway) == server.address)
            #expect(try await host.listeningAddress(of: .reviews) == nil)
            for part in parts { await part.started.wait() }
            await host.stop()
            try await group.waitForAll()
        }
        #expect(
            notes.all == ["HTTP server", "second", "first", "accounts closed", "pool closed", "cache closed"])
    }

    @Test("A part that fails stops the others in order and fails the process")
    func failingPart() async throws {
        let notes = Notes<String>()
        let recorder = Recorder(name: "other", notes: notes)
        let failing = ClosureService {
            await recorder.started.wait()
            throw Failure()
        }
        let host = try host([
            RoleAssembly(.reviews, background: [recorder, failing], closing: [{ notes.add("closed") }])
        ])
        await #expect(throws: Failure.self) { try await host.run() }
        #expect(notes.all == ["other", "closed"])
    }

    @Test("A part that ends by itself fails the process")
    func endingPart() async throws {
        let notes = Notes<String>()
        let host = try host([
            RoleAssembly(.reviews, background: [ClosureService {}], closing: [{ notes.add("closed") }])
        ])
        let error = await #expect(throws: UnexpectedEnd.self) { try await host.run() }
        #expect(error?.part == "reviews ClosureService")
        #expect(notes.all == ["closed"])
    }

    @Test("A part whose loop ends by cancellation ends well")
    func cancelledLoop() async throws {
        let started = Gate()
        let loop = ClosureService {
            try await cancelWhenGracefulShutdown {
                started.open()
                while true { try await Task.sleep(for: .seconds(3600)) }
            }
        }
        let host = try host([RoleAssembly(.reviews, background: [loop])])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await host.run() }
            await started.wait()
            await host.stop()
            try await group.waitForAll()
        }
    }

    @Test("What does not stop within the grace is cancelled, and that is a failure")
    func graceExceeded() async throws {
        let notes = Notes<String>()
        let started = Gate()
        let stubborn = ClosureService {
            started.open()
            try? await Task.sleep(for: .seconds(3600))
        }
        let host = try host(
            [RoleAssembly(.reviews, background: [stubborn], closing: [{ notes.add("closed") }])],
            options: .init(grace: .milliseconds(100)))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                let cut = await #expect(throws: ShutdownTimeout.self) { try await host.run() }
                #expect(
                    cut?.parts.first == "reviews ClosureService",
                    "the one that did not stop: \(String(describing: cut))")
            }
            await started.wait()
            await host.stop()
            try await group.waitForAll()
        }
        #expect(notes.all == ["closed"])
    }

    @Test("A process is not ready before its servers listen")
    func starting() async throws {
        let server = LateServer()
        let host = try host([RoleAssembly(.gateway, httpServer: server)])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await host.run() }
            #expect(await host.health.report().phase == .starting)
            #expect(await !host.health.isReady(.gateway))
            server.address.settle(.success(HostPort(host: "127.0.0.1", port: 1)))
            try await host.started()
            #expect(await host.health.isReady(.gateway))
            await host.stop()
            try await group.waitForAll()
        }
    }

    @Test("A port that is taken fails the process with the reason")
    func portTaken() async throws {
        try await RunningHost.with { running in
            let log = CapturedLog()
            let notes = Notes<String>()
            let assembly = RoleAssembly(.reviews, rpcServices: [ReviewsStub()], closing: [{ notes.add("closed") }])
            let second = try host(
                [assembly], options: .init(listen: [.reviews: .on(running.address)], drain: .seconds(3600)),
                log: log.logger())
            let taken = await #expect(throws: ListenError.self) { try await second.run() }
            let reason = "(reviews.listen): Address already in use"
            #expect(taken?.description == "cannot listen on \(running.address) \(reason)")
            #expect(taken?.remedy.contains("SHOPCTL_REVIEWS_LISTEN") == true)
            await #expect(throws: (any Error).self) { try await second.listeningAddress(of: .reviews) }
            #expect(notes.all == ["closed"])
            let line = try #require(log.lines.first { $0.level == .error })
            #expect(line.metadata["address"] == "\(running.address)")

            let admin = try host(
                [], options: .init(admin: .on(running.address), drain: .seconds(3600)), log: log.logger())
            let adminTaken = await #expect(throws: ListenError.self) { try await admin.run() }
            #expect(adminTaken?.description.contains("\(running.address) (admin.listen)") == true)
            await #expect(throws: (any Error).self) { try await admin.adminAddress() }
        }
    }

    @Test("A host by settings: two roles, one calls the other in process")
    func bySettings() async throws {
        let configuration = try ShopConfiguration(
            flags: [
                "reviews.listen": "127.0.0.1:0", "admin.listen": "off", "shutdown.drain": "0", "products.listen": "off",
                "rpc.deadline": "600",
            ], environment: [:])
        let peers = try Peers(configuration: configuration, local: [.reviews])
        let host = try RoleHost(
            [RoleAssembly(.reviews, rpcServices: [ReviewsStub()])], peers: peers, verifier: nil,
            configuration: configuration, stopOnSignals: false, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await host.run() }
            try await host.started()
            #expect(try await peers.reviews.getProductReviews(.with { $0.productID = 4 }).reviews.count == 1)
            #expect(try await host.listeningAddress(of: .reviews)?.port != 0)
            #expect(try await host.adminAddress() == nil)
            await host.stop()
            try await group.waitForAll()
        }
    }

    /// A server that listens when it is told to.
    struct LateServer: ListeningService {
        let address = AddressPromise()

        var listeningAddress: HostPort {
            get async throws { try await address.value }
        }

        func run() async throws { try? await gracefulShutdown() }
    }

    /// A server that listens nowhere, but says where.
    struct NamedServer: ListeningService {
        let address = HostPort(host: "127.0.0.1", port: 1)
        var notes: Notes<String>

        var listeningAddress: HostPort {
            get async throws { address }
        }

        func run() async throws {
            try? await gracefulShutdown()
            notes.add("HTTP server")
        }
    }
}
