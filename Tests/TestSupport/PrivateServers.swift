public import DevStack

/// Servers that no other test uses, for a test that stops, kills or freezes them.
public struct PrivateServers: Sendable {
    /// The stack: `try await stack.kill(.rabbitmq)`, `try await stack.start(.rabbitmq)` on the same port.
    public let stack: DevStack
    /// Databases, virtual hosts and clean-up on these servers.
    public let fixture: Fixture
    /// Where the servers are.
    public var state: DevStackState { stack.state }
}

/// Runs a test on an ephemeral stack of its own, and ends that afterwards. Takes about 6 s to start with the broker
/// and 2 s without it.
///
/// - Parameters:
///   - servers: what to start; leave out what the test does not need.
///   - durable: whether PostgreSQL keeps what it has committed when it crashes, which costs time.
///   - management: whether RabbitMQ has its management interface, which costs a second.
///   - member: the servers' part in a cluster; PostgreSQL can wait for a standby only as such.
public func withPrivateServers<Result: Sendable>(
    _ servers: Set<ServerKind> = Set(ServerKind.allCases), durable: Bool = false, management: Bool = false,
    member: ClusterMember? = nil,
    isolation: isolated (any Actor)? = #isolation,
    _ body: (PrivateServers) async throws -> sending Result
) async throws -> Result {
    let stack = try await DevStack.start(
        DevStackOptions(
            ephemeral: true, durable: durable, management: management, member: member, servers: servers),
        logger: testLogger)
    let fixture: Fixture
    do {
        fixture = Fixture(stack: try TestStack.Handle(state: stack.state))
    } catch {
        await stack.stop()
        throw error
    }
    // Databases and virtual hosts go with the servers, which may not even be there any more: only what the test
    // itself added is done, and its failure is not the test's.
    do {
        let result = try await body(PrivateServers(stack: stack, fixture: fixture))
        await Task.detached {
            try? await fixture.cleanUp()
            await stack.stop()
        }.value
        return result
    } catch {
        await Task.detached {
            try? await fixture.cleanUp()
            await stack.stop()
        }.value
        throw error
    }
}
