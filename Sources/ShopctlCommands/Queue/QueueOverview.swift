import Events
import FoundationEssentials
import Logging
import RabbitMQ
import Sagas

/// The contents of the queues.
struct QueueOverview: ListReport {
    /// The purpose of a queue.
    enum Purpose: String, Sendable {
        case inbox, retry, dead, retired
    }

    struct Queue: Sendable {
        let service: String
        let name: String
        let purpose: Purpose
        /// Nil if there is no such queue.
        let status: QueueStatus?
        /// The management interface's word on it; nil without one.
        var viewed: ViewedQueue?
        /// The findings about its bindings and policies, as far as those were looked at.
        var findings: [QueueFinding] = []
        /// Of an inbox: what of its service waits to be tried again, and what was given up on; nil of other queues.
        var retrying: Int?
        var dead: Int?
        /// The time when the oldest of its service's dead letters died, or its own; nil if there is none, none tells,
        /// or nobody has looked.
        var oldestAt: Date?

        /// The reason why an operator should look at it; nil if all is well.
        var concern: String? {
            guard let status else { return "missing" }
            if let finding = findings.first { return "\(finding)" }
            switch purpose {
            case .inbox: return status.consumers == 0 ? "nobody consumes it" : nil
            case .retry: return status.messages > 0 ? "messages failed and wait to be tried again" : nil
            case .dead: return status.messages > 0 ? "given up on" : nil
            case .retired: return "of an earlier version"
            }
        }

        /// Whether it is an inbox, or there is something to say about it.
        var isNotable: Bool { purpose == .inbox || concern != nil }

        /// The routes that are missing, as in `order.confirmed of shop.events`.
        var missingBindings: [String] {
            findings.compactMap { finding in
                guard case .missingBinding(_, let binding) = finding else { return nil }
                return "\(binding.routingKey) of \(binding.exchange)"
            }
        }
    }

    /// The things that cannot be seen without the management interface.
    static let unchecked = "bindings, policies and unacknowledged messages were not checked: AMQP does not tell of them"
    /// The way to see them, for a report that is whole without them.
    static let option =
        "RabbitMQ's management interface tells them (SHOPCTL_AMQP_MANAGEMENT_URL, or: shopctl dev up --management)"
    static let way =
        "SHOPCTL_AMQP_MANAGEMENT_URL has to be that of RabbitMQ's management interface: http://user:password@host:15672"

    private(set) var queues: [Queue]
    /// The place of the queues among all that are listed.
    private(set) var page: Page?
    /// Whether the management interface was asked as well.
    let isViewed: Bool
    /// The commands that all queues lead to, whichever page of them is left.
    let hints: [String]

    /// Asks the broker about every queue of the services.
    ///
    /// - Parameter snapshot: What the management interface has told; nil without one.
    init(_ services: [ServiceTopology], _ admin: RabbitMQAdmin, _ snapshot: BrokerSnapshot? = nil) async throws {
        isViewed = snapshot != nil
        var queues: [Queue] = []
        for service in services {
            let findings = snapshot?.findings(about: service) ?? []
            let first = queues.count
            for definition in service.queues {
                let purpose: Purpose =
                    definition.name == service.inbox ? .inbox : definition.name == service.dead ? .dead : .retry
                queues.append(
                    Queue(
                        service: service.service, name: definition.name, purpose: purpose,
                        status: try await admin.status(definition.name), viewed: snapshot?.queues[definition.name],
                        findings: findings.filter { $0.queue == definition.name }))
            }
            func sum(_ purpose: Purpose) -> Int {
                queues[first...].filter { $0.purpose == purpose }.reduce(0) { $0 + ($1.status?.messages ?? 0) }
            }
            let (retrying, dead) = (sum(.retry), sum(.dead))
            for index in queues.indices[first...] where queues[index].purpose == .inbox {
                (queues[index].retrying, queues[index].dead) = (retrying, dead)
            }
            for queue in service.retiredQueues {
                guard let status = try await admin.status(queue.name) else { continue }
                queues.append(
                    Queue(
                        service: service.service, name: queue.name, purpose: .retired, status: status,
                        viewed: snapshot?.queues[queue.name]))
            }
        }
        self.queues = queues
        hints = Self.hints(about: queues)
        page = Page(count: queues.count, total: Int64(queues.count), next: nil)
    }

    /// Leaves one page of the queues.
    ///
    /// - Parameters:
    ///   - isWhole: Whether also those are listed that are empty and about which there is nothing to say.
    ///   - cursor: That of the queue behind which the page begins.
    mutating func cut(isWhole: Bool, by sort: QueueSort, after cursor: PageCursor?, of list: PagedList, limit: Int) {
        let listed = sort.sorted(queues.filter { isWhole || $0.isNotable })
        // Of a queue that is there no more nobody knows the place: it begins anew.
        let begin = listed.firstIndex { $0.name == cursor?.id }.map { $0 + 1 } ?? 0
        queues = Array(listed[begin...].prefix(limit))
        let isLast = begin + queues.count >= listed.count
        page = Page(
            count: queues.count, total: Int64(listed.count),
            next: isLast ? nil : queues.last.map { PageCursor(of: list, key: 0, id: $0.name).text })
    }

    /// One service's queues, summed up.
    static func look(at service: ServiceTopology, _ admin: RabbitMQAdmin) async throws -> SagaFacts.Queues {
        let inbox = try await QueueOverview([service], admin).queues.first { $0.purpose == .inbox }
        return SagaFacts.Queues(
            service: service.service, ready: inbox?.status?.messages, consumers: inbox?.status?.consumers ?? 0,
            retrying: inbox?.retrying ?? 0, dead: inbox?.dead ?? 0)
    }

    /// The most dead letters of a service that are looked through for the oldest.
    static let ageLimit = 1000

    /// Looks through the services' dead letters for the oldest of each, where they are not too many. They stay. Of what
    /// waits for a consumer nobody can tell without taking it out of its order.
    mutating func findOldest(_ broker: RabbitMQConfiguration, _ logger: Logger) async {
        for service in Topology.shop.services {
            // A page may have one of the two without the other; each tells how many letters there are.
            let own = queues.indices.filter { index in
                let queue = queues[index]
                return queue.service == service.service && (queue.purpose == .dead || queue.purpose == .inbox)
            }
            guard let queue = own.first.map({ queues[$0] }),
                let count = queue.purpose == .dead ? queue.status?.messages : queue.dead,
                (1...Self.ageLimit).contains(count)
            else { continue }
            let letters = DeadLetterQueue(topology: service, broker: broker, logger: logger)
            // What cannot be looked at has no age.
            guard let found = try? await letters.look(limit: Self.ageLimit).letters else { continue }
            let oldest = found.compactMap { DeadLetter($0).diedAt }.min()
            for index in own { queues[index].oldestAt = oldest }
        }
    }

    /// The dead letters of each service, as far as queues tell.
    var dead: [String: Int] {
        Dictionary(queues.compactMap { queue in queue.dead.map { (queue.service, $0) } }) { one, _ in one }
    }

    /// The times that ``findOldest(_:_:)`` has found, by queue.
    var oldest: [String: Date] {
        get { Dictionary(queues.compactMap { queue in queue.oldestAt.map { (queue.name, $0) } }) { one, _ in one } }
        set { for index in queues.indices { queues[index].oldestAt = newValue[queues[index].name] } }
    }

    /// The queues for programs.
    var records: [OutputRecord] {
        queues.map { queue in
            [
                "service": .text(queue.service),
                "queue": .text(queue.name),
                "purpose": .text(queue.purpose.rawValue),
                "exists": .bool(queue.status != nil),
                "ready": .optional(queue.status.map { Int64($0.messages) }),
                "unacknowledged": .optional(queue.viewed?.unacknowledged.map { Int64($0) }),
                "consumers": .optional(queue.status.map { Int64($0.consumers) }),
                "retrying": .optional(queue.retrying.map { Int64($0) }),
                "dead": .optional(queue.dead.map { Int64($0) }),
                "oldest_at": Timestamp.value(queue.oldestAt),
                "publish_rate": .optional(queue.viewed?.rates?.published),
                "deliver_rate": .optional(queue.viewed?.rates?.delivered),
                "ack_rate": .optional(queue.viewed?.rates?.acknowledged),
                "missing_bindings": isViewed ? .texts(queue.missingBindings) : .null,
                "policy": .optional(queue.viewed?.policies),
                "concern": .optional(queue.concern),
            ]
        }
    }

    var body: ReportBody { .many("queues", records) }
}

extension ViewedQueue {
    /// The policies that apply, by name; nil for none.
    var policies: String? {
        let names = [policy, operatorPolicy.map { "\($0) (operator)" }].compactMap(\.self)
        return names.isEmpty ? nil : names.joined(separator: ", ")
    }
}
