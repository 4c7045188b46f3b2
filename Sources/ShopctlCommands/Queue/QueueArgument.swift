import ArgumentParser
import Events

/// A queue of the shop, by its name, or by its service's for the dead letters.
struct QueueArgument: ExpressibleByArgument, Sendable {
    let service: ServiceTopology
    let name: String
    /// Whether the queue itself was named, and not only its service.
    let isWhole: Bool

    init?(argument: String) {
        isWhole = Topology.shop.services.allSatisfy { $0.service != argument }
        for service in Topology.shop.services {
            guard service.service == argument || Self.names(of: service).contains(argument) else { continue }
            self.service = service
            name = isWhole ? argument : service.dead
            return
        }
        return nil
    }

    private static func names(of service: ServiceTopology) -> [String] {
        service.queues.map(\.name) + service.retiredQueues.map(\.name)
    }

    static var defaultCompletionKind: CompletionKind { LiveNames.queues.completion }
}
