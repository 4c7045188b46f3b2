import FoundationEssentials

/// Messages that the broker did not take, until their next try: after 1 s, doubling up to a minute.
///
/// There is one of an id, the latest; what there is no space for is left out.
struct PostponedMessages {
    private struct Entry {
        var message: Envelope
        var tries: Int
        /// Nil while it is being tried.
        var due: ContinuousClock.Instant?
    }

    private let capacity: Int
    private var entries: [UUID: Entry] = [:]

    init(capacity: Int) { self.capacity = capacity }

    var count: Int { entries.count }

    /// Time until the next one is due; nil for none.
    var nextDue: Duration? {
        entries.values.lazy.compactMap(\.due).min().map { max($0 - .now, .zero) }
    }

    /// Takes in messages that were not taken now.
    mutating func add(_ messages: [Envelope]) {
        for message in messages {
            guard entries[message.messageID] != nil || entries.count < capacity else { continue }
            let tries = (entries[message.messageID]?.tries ?? -1) + 1
            let wait = min(Duration.seconds(1) * (1 << min(tries, 6)), .seconds(60))
            entries[message.messageID] = Entry(message: message, tries: tries, due: ContinuousClock.now + wait)
        }
    }

    /// Gives out the messages that are due; they stay known, so that they wait longer if they come back.
    mutating func takeDue(limit: Int) -> [Envelope] {
        let now = ContinuousClock.now
        var taken: [Envelope] = []
        for (id, entry) in entries where taken.count < limit {
            guard let due = entry.due, due <= now else { continue }
            entries[id]?.due = nil
            taken.append(entry.message)
        }
        return taken
    }

    /// Forgets messages that were taken.
    mutating func forget(_ messages: [Envelope]) {
        guard !entries.isEmpty else { return }
        for message in messages { entries[message.messageID] = nil }
    }
}
