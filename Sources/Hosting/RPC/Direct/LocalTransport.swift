import GRPCInProcessTransport

/// The way to a role of this process: a call with one answer goes straight to the role's service (``DirectCalls``), a
/// stream by gRPC's own transport.
public final class LocalTransport: Sendable {
    let calls = DirectCalls()
    let streams = InProcessTransport()
}
