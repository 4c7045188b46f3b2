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

        /// Why an operator should look at it; nil if all is well.
        var concern: String? {
            guard let status else { return "missing" }
            switch purpose {
            case .inbox: return status.consumers == 0 ? "nobody consumes it" : nil
            case .retry: return status.messages > 0 ? "messages failed and wait to be tried again" : nil
            case .dead: return status.messages > 0 ? "given up on" : nil
            case .retired: return "of an earlier version"
            }
        }
    }

    let queues: [Queue]

    /// Asks the broker about every queue of the services.
    init(_ services: [ServiceTopology], _ admin: RabbitMQAdmin) async throws {
        var queues: [Queue] = []
        for service in services {
            for definition in service.queues {
                let purpose: Purpose =
                    definition.name == service.inbox ? .inbox : definition.name == service.dead ? .dead : .retry
                queues.append(
                    Queue(
                        service: service.service, name: definition.name, purpose: purpose,
                        status: try await admin.status(definition.name)))
            }
            for queue in service.retiredQueues {
                guard let status = try await admin.status(queue.name) else { continue }
                queues.append(
                    Queue(service: service.service, name: queue.name, purpose: .retired, status: status))
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

    var body: ReportBody {
        .many(
            "queues",
            queues.map { queue in
                [
                    "service": .text(queue.service),
                    "queue": .text(queue.name),
                    "purpose": .text(queue.purpose.rawValue),
                    "exists": .bool(queue.status != nil),
                    "ready": .optional(queue.status.map { Int64($0.messages) }),
                    "consumers": .optional(queue.status.map { Int64($0.consumers) }),
                    "concern": .optional(queue.concern),
                ]
            })
    }

    func table(_ style: TextStyle) -> String {
        var table = Table([
            .left("SERVICE"), .left("QUEUE"), .left("FOR"), .right("READY"), .right("CONSUMERS"), .left("NOTE"),
        ])
        for queue in queues {
            table.add([
                .plain(queue.service), .plain(queue.name), .plain(queue.purpose.rawValue),
                .plain(queue.status.map { String($0.messages) } ?? "-"),
                .plain(queue.status.map { String($0.consumers) } ?? "-"),
                .styled(queue.concern ?? "", queue.purpose == .dead ? .red : .yellow),
            ])
        }
        var text = table.text(style)
        text += "READY does not count what consumers have taken and not acknowledged: AMQP does not tell\n"
        if queues.contains(where: { $0.status == nil || $0.purpose == .retired }) {
            text += "next: shopctl migrate up\n"
        }
        for queue in queues where queue.purpose == .dead && queue.concern != nil && queue.status != nil {
            text += "next: shopctl queue peek \(queue.service)\n"
        }
        return text
    }
}
