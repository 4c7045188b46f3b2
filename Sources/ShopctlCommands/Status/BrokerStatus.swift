import Events
import Hosting
import RabbitMQ

/// The queues of the shop, summed up by service.
struct BrokerStatus: Sendable {
    /// The queues of one service.
    struct Service: Sendable, Equatable {
        let service: String
        /// Messages ready in the inbox; nil if there is no inbox.
        let ready: Int?
        /// Messages of the inbox that consumers have taken and not acknowledged; nil if nobody can tell.
        let unacknowledged: Int?
        let consumers: Int
        let retrying: Int
        let dead: Int
        /// Queues that are not there.
        let missing: [String]
        /// Queues of an earlier version that are still there.
        let retired: [String]
        /// The faults with bindings and policies.
        let findings: [String]
        /// The messages that wait to be tried again; nil for none, or where nobody has looked at all of them.
        var waiting: WaitingMessages?
    }

    let services: [Service]
    /// The reason that the management interface was not asked or has not answered; nil if it has.
    let unchecked: String?
    /// The reasons of those messages of sagas that wait to be tried again, as far as somebody has looked.
    var errors = SagaErrors()

    static func ask(
        _ configuration: ShopConfiguration, takingRetries: Bool
    ) async throws -> BrokerStatus {
        let broker = try configuration.broker(name: "shopctl-status", connectTimeout: .seconds(2))
        var snapshot: BrokerSnapshot?
        var unchecked: String? = QueueOverview.unchecked
        do {
            if let management = try configuration.management(virtualHost: broker.virtualHost) {
                snapshot = try await management.snapshot()
                unchecked = nil
            }
        } catch {
            unchecked = Diagnosis(error).message
        }
        return try await QueueCommand.withAdmin(broker) { [snapshot, unchecked] admin in
            let overview = try await QueueOverview(Topology.shop.services, admin, snapshot)
            let status = BrokerStatus(overview, unchecked: unchecked)
            guard takingRetries else { return status }
            var services = status.services
            var errors = SagaErrors()
            for (index, topology) in Topology.shop.services.enumerated() where services[index].retrying > 0 {
                // What cannot be looked at is told by its number alone.
                let seen = try? await RetriedMessage.look(at: topology, by: admin, limit: Self.lookLimit)
                errors.add(seen ?? [], of: topology.service)
                services[index].waiting = seen.flatMap { WaitingMessages($0, limit: Self.lookLimit) }
            }
            var told = BrokerStatus(services: services, unchecked: unchecked)
            told.errors = errors
            return told
        }
    }

    /// The most messages of a queue that are looked at.
    private static let lookLimit = 200

    init(services: [Service], unchecked: String?) {
        self.services = services
        self.unchecked = unchecked
    }

    init(_ overview: QueueOverview, unchecked: String?) {
        let services = Topology.shop.services.map { topology in
            let own = overview.queues.filter { $0.service == topology.service }
            let inbox = own.first { $0.purpose == .inbox }
            func sum(_ purpose: QueueOverview.Purpose) -> Int {
                own.filter { $0.purpose == purpose }.reduce(0) { $0 + ($1.status?.messages ?? 0) }
            }
            return Service(
                service: topology.service, ready: inbox?.status?.messages,
                unacknowledged: inbox?.viewed?.unacknowledged, consumers: inbox?.status?.consumers ?? 0,
                retrying: sum(.retry), dead: sum(.dead), missing: own.filter { $0.status == nil }.map(\.name),
                retired: own.filter { $0.purpose == .retired }.map(\.name),
                // A queue that is missing is told once.
                findings: own.filter { $0.status != nil }.flatMap { queue in
                    queue.findings.map { "\(queue.name): \($0)" }
                })
        }
        self.init(services: services, unchecked: unchecked)
    }
}
