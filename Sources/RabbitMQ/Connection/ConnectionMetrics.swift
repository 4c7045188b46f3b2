import Metrics

/// The counters of one connection; its name is their label.
struct ConnectionMetrics: Sendable {
    let published: Counter
    let confirmed: Counter
    let returned: Counter
    let nacked: Counter
    let delivered: Counter
    let acked: Counter
    let reconnects: Counter

    init(connection name: String) {
        func counter(_ label: String) -> Counter {
            Counter(label: "rabbitmq_\(label)", dimensions: [("connection", name)])
        }
        published = counter("messages_published")
        confirmed = counter("messages_confirmed")
        returned = counter("messages_returned")
        nacked = counter("messages_nacked")
        delivered = counter("messages_delivered")
        acked = counter("messages_acked")
        reconnects = counter("reconnects")
    }

    /// Counts what became of a published message.
    func count(_ outcome: PublishOutcome) {
        switch outcome {
        case .confirmed: confirmed.increment()
        case .nacked: nacked.increment()
        case .returned: returned.increment()
        }
    }
}
