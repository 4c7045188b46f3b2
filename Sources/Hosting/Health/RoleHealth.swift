import GRPCCore
import ShopProtos

/// A role's own word on whether it takes requests, by the standard health service (grpc.health.v1).
public enum RoleHealth {
    /// Asks the role at one address.
    ///
    /// - Parameter limit: How long the answer may take.
    /// - Returns: Whether it takes requests.
    /// - Throws: ``ServiceError`` if nobody answers there; ``ConfigurationError`` for certificates that are not usable.
    public static func isServing(
        _ role: Role, at address: HostPort, tls: TLSFiles?, within limit: Duration = .seconds(10)
    ) async throws -> Bool {
        // On a machine with too much to do a connection takes seconds, and is no sign of a role that is away.
        let options = Peers.Options(addresses: [role: [address]], deadline: limit, patience: .seconds(4), tls: tls)
        let peers = try Peers(local: [], options: options)
        return try await peers.withConnections {
            guard let health = peers.health[role] else { return false }
            do {
                return try await health.check(.init()).status == .serving
            } catch let error as RPCError {
                throw ServiceError(mapping: error)
            }
        }
    }
}
