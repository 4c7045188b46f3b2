public import Hosting

extension Shop {
    /// Runs a body with clients that call the first of the replicas as other processes do; it must be told to listen
    /// (``Options/isOnNetwork``).
    public func overNetwork(_ body: (Peers) async throws -> Void) async throws {
        var addresses: [Role: [HostPort]] = [:]
        for role in Role.servers {
            if let address = try await hosts[0].listeningAddress(of: role) { addresses[role] = [address] }
        }
        let peers = try Peers(local: [], options: .init(addresses: addresses, deadline: .seconds(600)))
        try await peers.withConnections { try await body(peers) }
    }
}
