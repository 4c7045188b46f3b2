import Events
import RabbitMQ
import Sagas

/// Watches what becomes of letters that were sent back to an inbox.
struct ReplayObserver: Sendable {
    /// The fate of a letter.
    enum Fate: String, Sendable {
        case handled
        /// It is a dead letter again.
        case died = "died_again"
        /// It waits in an inbox that nobody consumes.
        case unconsumed
        /// It was not told in time; it may be waiting to be tried again.
        case unknown

        var words: String {
            switch self {
            case .handled: "handled"
            case .died: "died again"
            case .unconsumed: "waits: nobody consumes the inbox"
            case .unknown: "not known yet"
            }
        }
    }

    /// Looks in a row at which nothing may be waiting before a letter counts as handled: a message that a consumer has taken
    /// is in no queue that AMQP tells of.
    private static let quietLooks = 4

    let topology: ServiceTopology
    let broker: RabbitMQConfiguration

    /// Waits until the inbox and its retry queues are empty, or for so long.
    func fates(of letters: [Delivery], within span: SpanArgument) async throws -> [Fate] {
        let admin = RabbitMQAdmin(configuration: broker, logger: .command("replay"))
        do {
            let rest = try await wait(for: letters, admin, until: ContinuousClock.now + span.duration)
            await admin.close()
            let dead = try await deadIDs()
            return letters.map { dead.contains($0.properties.messageID ?? "") ? .died : rest }
        } catch {
            await admin.close()
            throw error
        }
    }

    /// The fate of those letters that are not dead again.
    private func wait(
        for letters: [Delivery], _ admin: RabbitMQAdmin, until end: ContinuousClock.Instant
    ) async throws -> Fate {
        var quiet = 0
        var dead: Int?
        while true {
            let queues = try await QueueOverview.look(at: topology, admin)
            if queues.consumers == 0, (queues.ready ?? 0) > 0 { return .unconsumed }
            let isQuiet = queues.ready == 0 && queues.retrying == 0 && queues.dead == dead ?? queues.dead
            dead = queues.dead
            quiet = isQuiet ? quiet + 1 : 0
            if quiet >= Self.quietLooks { return .handled }
            // All of them dead again: nothing else is left to come.
            if queues.dead >= letters.count, queues.ready == 0, queues.retrying == 0,
                try await deadIDs().isSuperset(of: letters.compactMap(\.properties.messageID))
            {
                return .handled
            }
            guard ContinuousClock.now < end else { return .unknown }
            try await Task.sleep(for: .milliseconds(250))
        }
    }

    private func deadIDs() async throws -> Set<String> {
        let queue = DeadLetterQueue(topology: topology, broker: broker, logger: .command("replay"))
        return Set(try await queue.look(limit: 10_000).letters.compactMap(\.properties.messageID))
    }
}
