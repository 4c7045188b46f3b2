import GRPCCore
import ShopProtos
import Synchronization

extension Role {
    /// The roles that this one calls. Nobody waits for itself at a start: the products call nobody.
    var callees: [Role] {
        switch self {
        case .gateway: [.products, .orders, .customers, .reviews]
        case .orders, .customers, .reviews: [.products]
        case .products: []
        }
    }
}

extension Peers {
    /// Checks that the roles of other processes that a role calls answer, over the connections that its calls take.
    ///
    /// Each is required until it has passed once: a process that says it is ready can make its calls. Afterwards it is only
    /// reported: a role that goes away takes its own part of the shop along, and nothing else.
    public func readiness(of role: Role) -> [ReadinessCheck] {
        role.callees.compactMap { callee in
            guard let health = health[callee] else { return nil }
            let hasPassed = Once()
            return ReadinessCheck("\(role.rawValue).peer.\(callee.rawValue)", while: { !hasPassed.isDone }) {
                // Calls take the connections in turn.
                for _ in 0..<PeerConnection.connections {
                    let answer: Grpc_Health_V1_HealthCheckResponse
                    do {
                        answer = try await health.check(.init())
                    } catch let error as RPCError {
                        throw PeerNotReady(description: ServiceError(mapping: error).message)
                    }
                    guard answer.status == .serving else {
                        throw PeerNotReady(description: "\(callee.rawValue) says that it is not ready")
                    }
                }
                hasPassed.finish()
            }
        }
    }
}

/// A peer that cannot be called yet, or not any more.
private struct PeerNotReady: Error, CustomStringConvertible {
    var description: String
}

/// Something that has happened, or has not yet.
private final class Once: Sendable {
    private let done = Atomic<Bool>(false)

    var isDone: Bool { done.load(ordering: .relaxed) }

    func finish() { done.store(true, ordering: .relaxed) }
}
