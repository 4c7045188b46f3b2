import GRPCCore
import Logging
import ShopProtos
import SwiftProtobuf
import TestSupport
import Testing

@testable import Hosting

@Suite("Peers that are away are away at once, and found again")
struct PeersTests {
    /// The deadline of these tests' calls is far longer than a test may take: what comes earlier does not come of it.
    let patience = Duration.seconds(600)

    @Test("Nobody listens there")
    func down() async throws {
        let port = try HeldPort()
        defer { withExtendedLifetime(port) {} }
        let address = HostPort(host: "127.0.0.1", port: port.number)
        let peers = try Peers(
            local: [], options: Peers.Options(addresses: [.reviews: [address]], deadline: patience).withoutPings())
        try await peers.withConnections {
            for _ in 0..<3 {
                let error = try await serviceError { try await peers.reviews.getProductReviews(.init()) }
                #expect(error.code == .unavailable)
                #expect(
                    error.message.contains("\(address), where reviews.address (SHOPCTL_REVIEWS_ADDRESS)"), "\(error)")
            }
            let told = await #expect(throws: RPCError.self) { try await peers.reviews.getProductReviews(.init()) }
            #expect(told.flatMap { CalledRole.of($0) } == .reviews)
        }
    }

    @Test("A host that does not exist")
    func unknownHost() async throws {
        let address = HostPort(host: "no-such-host.invalid", port: 1)
        let peers = try Peers(local: [], options: .init(addresses: [.orders: [address]], deadline: .seconds(2)))
        try await peers.withConnections {
            let error = try await serviceError { try await peers.orders.getOrders(.init()) }
            #expect([.unavailable, .deadlineExceeded].contains(error.code))
        }
    }

    @Test("A role that nobody has told the address of")
    func noAddress() async throws {
        let peers = try Peers(local: [], options: .init(deadline: patience))
        try await peers.withConnections {
            let error = try await serviceError { try await peers.products.getProducts(.init()) }
            #expect(error.code == .unavailable)
        }
    }

    @Test("A peer that goes and comes back is found again")
    func reconnect() async throws {
        let port = try HeldPort()
        defer { withExtendedLifetime(port) {} }
        let address = HostPort(host: "127.0.0.1", port: port.number)
        let peers = try Peers(
            local: [], options: Peers.Options(addresses: [.reviews: [address]], deadline: patience).withoutPings())
        func serve(_ body: @Sendable () async throws -> Void) async throws {
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let host = RoleHost(
                [RoleAssembly(.reviews, rpcServices: [ReviewsStub()])], peers: try Peers(local: []), verifier: nil,
                options: .init(listen: [.reviews: .on(address)]), logger: logger)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await host.run() }
                _ = try await host.listeningAddress(of: .reviews)
                try await body()
                await host.stop()
                try await group.waitForAll()
            }
        }
        try await peers.withConnections {
            try await serve { _ = try await peers.reviews.getProductReviews(.init()) }
            let error = try await serviceError { try await peers.reviews.getProductReviews(.init()) }
            #expect(error.code == .unavailable)
            // It is known to be away: who calls waits for no more than the next try to connect, which a busy machine
            // may miss.
            try await serve {
                try await eventually("it is found again") {
                    (try? await peers.reviews.getProductReviews(.init())) != nil
                }
            }
        }
    }

    @Test("A call waits for a peer that has just been found missing")
    func restarting() async throws {
        let port = try HeldPort()
        defer { withExtendedLifetime(port) {} }
        let address = HostPort(host: "127.0.0.1", port: port.number)
        let peers = try Peers(
            local: [],
            options: Peers.Options(addresses: [.reviews: [address]], deadline: patience, patience: patience)
                .withoutPings())
        try await peers.withConnections {
            // One of them finds nobody, before there is anybody.
            let early = Task { try await peers.reviews.deleteReview(.init()) }
            let error = await #expect(throws: RPCError.self) {
                var options = CallOptions.defaults
                options.timeout = .milliseconds(300)
                return try await CallContext().run {
                    do {
                        return try await peers.reviews.deleteReview(.init(), options: options)
                    } catch {
                        // It was not sent, and says so, though the method writes.
                        #expect(ServiceError(mapping: error).reason == "peer_unavailable")
                        throw error
                    }
                }
            }
            #expect(error?.code == .deadlineExceeded)
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let host = RoleHost(
                [RoleAssembly(.reviews, rpcServices: [ReviewsStub()])], peers: try Peers(local: []), verifier: nil,
                options: .init(listen: [.reviews: .on(address)]), logger: logger)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await host.run() }
                try await host.started()
                _ = try await early.value
                await host.stop()
                try await group.waitForAll()
            }
        }
    }

    @Test("Hundreds of calls that wait at once take no other's turn")
    func manyAtOnce() async throws {
        let gate = Gate()
        let begun = Notes<Int64>()
        let stub = ReviewsStub(onList: {
            begun.add($0)
            await gate.wait()
        })
        try await RunningHost.with(stub, deadline: patience) { running in
            try await withThrowingDiscardingTaskGroup { group in
                for _ in 0..<300 {
                    group.addTask { _ = try await running.reviews(.overNetwork).getProductReviews(.init()) }
                }
                defer { gate.open() }
                try await eventually("all have begun") { begun.all.count >= 300 }
                _ = try await running.reviews(.overNetwork).deleteReview(.init())
            }
        }
    }

    @Test("All addresses of a role are used in turn, names among them")
    func severalReplicas() async throws {
        let stubs = [ReviewsStub(), ReviewsStub()]
        try await RunningHost.with(stubs[0]) { first in
            try await RunningHost.with(stubs[1]) { second in
                let addresses = [first.address, HostPort(host: "localhost", port: second.address.port)]
                let peers = try Peers(
                    local: [], options: .init(addresses: [.reviews: addresses], deadline: .seconds(60)))
                try await peers.withConnections {
                    // Connections are made one by one; calls go round once all are there.
                    while stubs.contains(where: { $0.seen.all.isEmpty }) {
                        _ = try await peers.reviews.getProductReviews(.init())
                    }
                }
            }
        }
    }

    @Test("A replica that answers no ping loses its connections, with calls or without", .timeLimit(.minutes(60)))
    func frozenReplica() async throws {
        #expect(Peers.Options().pingPatience < Peers.Options().pingInterval)
        for isCalling in [false, true] {
            let frozen = try await FrozenPeer.listen()
            var options = Peers.Options(addresses: [.reviews: [frozen.address]], deadline: patience)
            options.pingInterval = .milliseconds(200)
            options.pingPatience = .milliseconds(100)
            let peers = try Peers(local: [], options: options)
            try await peers.withConnections {
                let call = isCalling ? Task { try await peers.reviews.getProductReviews(.init()) } : nil
                defer { call?.cancel() }
                // The system still takes whatever is sent there: nothing else ends them.
                for _ in 0..<PeerConnection.connections { await frozen.aConnectionHasEnded() }
            }
            try await frozen.close()
        }
    }

    @Test("A stopped role of the same process is away, not wrongly asked")
    func stoppedLocalRole() async throws {
        let peers = try Peers(local: [.reviews], options: .init(deadline: patience))
        let health = HealthMonitor(checks: [:], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let server = RoleServer(
            role: .reviews, services: [ReviewsStub()], listen: .off, local: peers.localTransport(of: .reviews),
            verifier: nil, health: health, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await peers.withConnections {
            let running = Task { try await server.run() }
            _ = try await peers.reviews.getProductReviews(.init())
            running.cancel()
            _ = await running.result
            let error = try await serviceError { try await peers.reviews.getProductReviews(.init()) }
            #expect(error.code == .unavailable)
        }
    }
}
