import GRPCCore
import GRPCInProcessTransport
import ShopProtos
import Synchronization

/// The standard gRPC health service (grpc.health.v1) of one role.
///
/// It knows the name "" (the server as a whole), the role's name and the names of the services served beside it.
struct HealthService: Grpc_Health_V1_Health.SimpleServiceProtocol {
    private let role: Role
    private let names: Set<String>
    private let monitor: HealthMonitor
    private let watches: WatchCount
    private let life: Duration

    /// - Parameter limits: Bounds the calls that watch: nobody needs a token for one.
    init(
        role: Role, services: [any RegistrableRPCService], monitor: HealthMonitor, limits: RPCConnections = .init()
    ) {
        var router = RPCRouter<InProcessTransport.Server>()
        for service in services { service.registerMethods(with: &router) }
        self.names = Set(router.methods.map(\.service.fullyQualifiedService) + ["", role.rawValue])
        self.role = role
        self.monitor = monitor
        self.watches = WatchCount(limit: limits.watches)
        self.life = limits.watchLife
    }

    func check(
        request: Grpc_Health_V1_HealthCheckRequest, context: ServerContext
    ) async throws -> Grpc_Health_V1_HealthCheckResponse {
        guard names.contains(request.service) else {
            throw ServiceError.notFound("unknown_service", "there is no service of that name here")
        }
        return Self.response(await monitor.isReady(role) ? .serving : .notServing)
    }

    func watch(
        request: Grpc_Health_V1_HealthCheckRequest, response: RPCWriter<Grpc_Health_V1_HealthCheckResponse>,
        context: ServerContext
    ) async throws {
        try watches.enter(context.remotePeer)
        defer { watches.leave(context.remotePeer) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await tell(of: request.service, response) }
            group.addTask { try? await context.cancellation.cancelled }
            group.addTask { try? await Task.sleep(for: life) }
            try await group.next()
            group.cancelAll()
        }
    }

    private func tell(
        of name: String, _ response: RPCWriter<Grpc_Health_V1_HealthCheckResponse>
    ) async throws {
        guard names.contains(name) else {
            // The protocol wants no error here: the service might come yet.
            try await response.write(Self.response(.serviceUnknown))
            return try await Task.sleep(for: life)
        }
        var last: Bool?
        for await isReady in await monitor.changes(of: role) where isReady != last {
            last = isReady
            try await response.write(Self.response(isReady ? .serving : .notServing))
        }
    }

    private static func response(
        _ status: Grpc_Health_V1_HealthCheckResponse.ServingStatus
    ) -> Grpc_Health_V1_HealthCheckResponse {
        var response = Grpc_Health_V1_HealthCheckResponse()
        response.status = status
        return response
    }
}

/// The calls of each connection that watch.
private final class WatchCount: Sendable {
    private let limit: Int
    private let counts = Mutex<[String: Int]>([:])

    init(limit: Int) { self.limit = limit }

    /// - Throws: ``ServiceError`` `too_many_watches`.
    func enter(_ peer: String) throws(ServiceError) {
        let isTaken = counts.withLock { counts in
            // Callers of this process have no connection.
            guard counts[peer, default: 0] < limit || peer.hasPrefix("in-process") else { return false }
            counts[peer, default: 0] += 1
            return true
        }
        guard isTaken else {
            throw .resourceExhausted("too_many_watches", "a connection has \(limit) calls that watch at most")
        }
    }

    func leave(_ peer: String) {
        counts.withLock { counts in
            let left = counts[peer, default: 1] - 1
            counts[peer] = left > 0 ? left : nil
        }
    }
}
