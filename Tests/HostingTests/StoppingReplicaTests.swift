import ShopProtos
import Synchronization
import TestSupport
import Testing

@testable import Hosting

@Suite("Whoever calls does not notice that a server sends its callers away", .timeLimit(.minutes(60)))
struct StoppingReplicaTests {
    private static let callers = 16

    /// Calls a service that writes until the body has ended.
    private static func calling(
        _ addresses: HostPort..., while body: @Sendable () async throws -> Void
    ) async throws {
        // A busy machine takes its time.
        let day = Duration.seconds(86_400)
        let peers = try Peers(
            local: [],
            options: .init(addresses: [.reviews: addresses], deadline: day, patience: day).withoutPings())
        let end = Gate()
        try await peers.withConnections {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<callers {
                    group.addTask {
                        while !end.isOpen {
                            _ = try await peers.reviews.deleteReview(.init())
                        }
                    }
                }
                defer { end.open() }
                try await body()
                end.open()
                try await group.waitForAll()
            }
        }
    }

    /// A server that counts its calls.
    private final class Counted: Sendable {
        private let calls = Atomic(0)

        var stub: ReviewsStub {
            ReviewsStub(onDelete: { [self] in _ = calls.add(1, ordering: .relaxed) })
        }

        /// Waits until so many more calls have come.
        func isCalled(_ number: Int = 100) async throws {
            let enough = calls.load(ordering: .relaxed) + number
            try await eventually("calls come") { calls.load(ordering: .relaxed) >= enough }
        }
    }

    @Test("One of two replicas stops", arguments: 0..<4)
    func replica(_: Int) async throws {
        let (staying, going) = (Counted(), Counted())
        try await RunningHost.with(staying.stub) { running in
            let (address, stop) = (AddressPromise(), Gate())
            let other = Task {
                try await RunningHost.with(going.stub) { running in
                    address.settle(.success(running.address))
                    await stop.wait()
                }
            }
            defer { stop.open() }
            try await Self.calling(running.address, address.value) {
                try await going.isCalled()
                stop.open()
                try await other.value
                try await staying.isCalled()
            }
        }
    }

    @Test("A connection is ended whenever it has no call")
    func connections() async throws {
        var limits = RPCConnections()
        limits.idle = .milliseconds(1)
        limits.farewell = .seconds(60)
        let server = Counted()
        try await RunningHost.with(server.stub, connections: limits) { running in
            try await Self.calling(running.address) { try await server.isCalled(2000) }
        }
    }
}
