import GRPCCore
import GRPCInProcessTransport
import ShopProtos

/// The standard gRPC health service (grpc.health.v1) of one role.
///
/// It knows the name "" (the server as a whole), the role's name and the names of the services served beside it.
struct HealthService: Grpc_Health_V1_Health.SimpleServiceProtocol {
    private let role: Role
    private let names: Set<String>
    private let monitor: HealthMonitor

    init(role: Role, services: [any RegistrableRPCService], monitor: HealthMonitor) {
        var router = RPCRouter<InProcessTransport.Server>()
        for service in services { service.registerMethods(with: &router) }
        self.names = Set(router.methods.map(\.service.fullyQualifiedService) + ["", role.rawValue])
        self.role = role
        self.monitor = monitor
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
        guard names.contains(request.service) else {
            // The protocol wants no error here: the service might come yet.
            try await response.write(Self.response(.serviceUnknown))
            try? await context.cancellation.cancelled
            return
        }
        let changes = await monitor.changes(of: role)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                var last: Bool?
                for await isReady in changes where isReady != last {
                    last = isReady
                    try await response.write(Self.response(isReady ? .serving : .notServing))
                }
            }
            group.addTask { try? await context.cancellation.cancelled }
            try await group.next()
            group.cancelAll()
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
