import Events

/// Hears what happens in the shop, each event once, and tells the observers, who do something about it.
///
/// One handler for all types, so that what a batch has to say to a user is written at once and under one lock.
struct ShopEventHandler: MessageHandler {
    static let consumer = "customers.events"

    let observers: Observers<ShopEventsHeard>

    var types: Set<String> { Set(ShopEvent.types) }

    /// Time to share a transaction with the decisions that are to be carried out, which come with the events.
    func patience(for type: String) -> Duration { .milliseconds(10) }

    func handle(_ messages: [Envelope], in work: UnitOfWork) async throws {
        let heard = try messages.map { (id: $0.messageID, event: try ShopEvent($0)) }
        var fresh = try await Inbox.claim(heard.map(\.id), consumer: Self.consumer, in: work.transaction)
        // A message may stand in the batch twice.
        let events = heard.filter { fresh.remove($0.id) != nil }.map(\.event)
        if events.isEmpty { return }
        try await observers.notify(ShopEventsHeard(events: events), in: work)
    }
}
