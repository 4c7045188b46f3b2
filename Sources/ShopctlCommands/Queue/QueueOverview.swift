import Events
import RabbitMQ
import Sagas

/// What is in the queues.
struct QueueOverview: Report {
    /// What a queue is for.
    enum Purpose: String, Sendable {
        case inbox, retry, dead, retired
    }

    struct Queue: Sendable {
        let service: String
        let name: String
        let purpose: Purpose
        /// Nil if there is no such queue.
        let status: QueueStatus?
        /// What the management interface tells of it; nil without one.
        var viewed: ViewedQueue?
        /// The findings about its bindings and policies, as far as those were looked at.
        var findings: [QueueFinding] = []

        /// Why an operator should look at it; nil if all is well.
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
    }

    /// What cannot be seen without the management interface.
    static let unchecked = "bindings, policies and unacknowledged messages were not checked: AMQP does not tell of them"
    static let way =
        "set SHOPCTL_AMQP_MANAGEMENT_URL to RabbitMQ's management interface: http://user:password@host:15672"

    let queues: [Queue]
    /// Whether the management interface was asked as well.
    let isViewed: Bool

    /// Asks the broker about every queue of the services.
    ///
    /// - Parameter snapshot: What the management interface has told; nil without one.
    init(_ services: [ServiceTopology], _ admin: RabbitMQAdmin, _ snapshot: BrokerSnapshot? = nil) async throws {
        isViewed = snapshot != nil
        var queues: [Queue] = []
        for service in services {
            let findings = snapshot?.findings(about: service) ?? []
            for definition in service.queues {
                let purpose: Purpose =
                    definition.name == service.inbox ? .inbox : definition.name == service.dead ? .dead : .retry
                queues.append(
                    Queue(
                        service: service.service, name: definition.name, purpose: purpose,
                        status: try await admin.status(definition.name), viewed: snapshot?.queues[definition.name],
                        findings: findings.filter { $0.queue == definition.name }))
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
    }

    /// One service's queues, summed up.
    static func look(at service: ServiceTopology, _ admin: RabbitMQAdmin) async throws -> SagaFacts.Queues {
        let queues = try await QueueOverview([service], admin).queues
        let inbox = queues.first { $0.purpose == .inbox }?.status
        func sum(_ purpose: Purpose) -> Int {
            queues.filter { $0.purpose == purpose }.reduce(0) { $0 + ($1.status?.messages ?? 0) }
        }
        return SagaFacts.Queues(
            service: service.service, ready: inbox?.messages, consumers: inbox?.consumers ?? 0, retrying: sum(.retry),
            dead: sum(.dead))
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
                "policy": .optional(queue.viewed?.policies),
                "concern": .optional(queue.concern),
            ]
        }
    }

    var body: ReportBody { .many("queues", records) }

    var columns: [Table.Column] {
        [
            .left("SERVICE"), .left("QUEUE"), .left("FOR", "purpose"), .right("READY"),
            .right("UNACKED", "unacknowledged"), .right("CONSUMERS"), .left("POLICY"), .left("NOTE", "concern"),
        ]
    }

    /// The queues for people.
    func rows(_ style: TextStyle) -> String {
        var table = Table(columns)
        for queue in queues {
            table.add([
                .plain(queue.service), .plain(queue.name), .plain(queue.purpose.rawValue),
                .plain(queue.status.map { String($0.messages) } ?? "-"),
                .plain(queue.viewed?.unacknowledged.map { String($0) } ?? "?"),
                .plain(queue.status.map { String($0.consumers) } ?? "-"),
                .plain(isViewed ? queue.viewed?.policies ?? "" : "?"),
                .styled(queue.concern ?? "", queue.purpose == .dead ? .red : .yellow),
            ])
        }
        return table.text(style)
    }

    func table(_ style: TextStyle) -> String {
        var text = rows(style)
        if !isViewed { text += "\(Self.unchecked)\nnext: \(Self.way)\n" }
        if queues.contains(where: { !$0.findings.isEmpty }) { text += "next: shopctl queue check\n" }
        if queues.contains(where: { $0.status == nil || $0.purpose == .retired }) {
            text += "next: shopctl migrate up\n"
        }
        for queue in queues where queue.purpose == .dead && queue.concern != nil && queue.status != nil {
            text += "next: shopctl queue peek \(queue.service)\n"
        }
        return text
    }
}

extension ViewedQueue {
    /// The policies that apply, by name; nil for none.
    var policies: String? {
        let names = [policy, operatorPolicy.map { "\($0) (operator)" }].compactMap(\.self)
        return names.isEmpty ? nil : names.joined(separator: ", ")
    }
}
