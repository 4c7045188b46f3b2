import Events
import FoundationEssentials
import Hosting
import Logging
import RabbitMQ

/// The queues as `queue list` tells them, and dead letters as `queue peek` does.
extension Console {
    static func queues(
        _ configuration: ShopConfiguration, _ oldest: OldestLetters, _ logger: Logger
    ) async throws -> QueueOverview {
        let broker = try configuration.broker(name: "shopctl-console", connectTimeout: .seconds(2))
        let snapshot = try await configuration.management(virtualHost: broker.virtualHost)?.snapshot()
        let overview = try await QueueCommand.withAdmin(broker) { admin in
            try await QueueOverview(Topology.shop.services, admin, snapshot)
        }
        return await oldest.found(in: overview, broker, logger)
    }

    /// A service's dead letters, the oldest first.
    func letters(_ request: AdminRequest) async throws -> DeadLetterListing {
        let topology = try request.topology
        let limit = Int(try request.number("limit", 1...500) ?? 50)
        let broker = try configuration.broker(name: "shopctl-console", connectTimeout: .seconds(2))
        let queue = DeadLetterQueue(topology: topology, broker: broker, logger: logger)
        let (total, letters): (Int, [Delivery])
        do {
            (total, letters) = try await queue.look(limit: limit)
        } catch let error as RabbitMQError where error.kind == .notFound {
            throw CommandFailure.missingQueues([topology.dead])
        }
        // Further ones are the command's to page through.
        return DeadLetterListing(
            service: topology.service, letters: letters,
            page: Page(count: letters.count, total: Int64(total), next: nil))
    }
}

/// The ages of dead letters, for a page that asks again and again: to look at a letter means to replace it by a copy, so
/// that it is done where their number has changed, or a minute ago.
actor OldestLetters {
    private static let age = Duration.seconds(60)

    private var seen: (dead: [String: Int], at: ContinuousClock.Instant, oldest: [String: Date])?

    func found(in overview: QueueOverview, _ broker: RabbitMQConfiguration, _ logger: Logger) async -> QueueOverview {
        var overview = overview
        if let seen, seen.dead == overview.dead, ContinuousClock.now - seen.at < Self.age {
            overview.oldest = seen.oldest
        } else {
            await overview.findOldest(broker, logger)
            seen = (overview.dead, .now, overview.oldest)
        }
        return overview
    }
}

extension AdminRequest {
    /// The service whose queues the path names.
    var topology: ServiceTopology {
        get throws(ConsoleRefusal) {
            let name = parameters["service"] ?? ""
            guard let topology = Topology.shop.services.first(where: { $0.service == name }) else {
                throw ConsoleRefusal(404, .notFound, "there is no service '\(Printable.line(name))' with queues")
            }
            return topology
        }
    }
}
