import ArgumentParser
import Events
import FoundationEssentials
import Hosting
import Logging
import RabbitMQ

extension QueueCommand {
    /// `shopctl queue peek`
    struct QueuePeek: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "peek",
            abstract: "Look at a service's dead letters; they stay where they are.",
            discussion: """
                Shows of each what it is, whose saga it belongs to, why it was given up on and its body, the oldest \
                first. Classes: undecodable and protocol_violation died at once; unknown_type, newer_version and \
                exhausted have failed as often as a message may; broker_ and a reason were moved by the broker. Looking \
                returns no letter to the queue, so that no delivery limit is touched: each is replaced by a copy.

                EXAMPLES:
                  shopctl queue peek products
                  shopctl queue peek products --since 1h --sort -died_at
                  shopctl queue peek orders --limit 100 -o jsonl
                """)

        @Argument(help: ArgumentHelp("Whose dead letters.", valueName: "service"))
        var service: ServiceArgument
        @Option(parsing: .unconditional, help: "The order; a dash puts the latest first.")
        var sort = Sort.ascending
        @OptionGroup var list: ListOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        /// Values of `--sort`.
        enum Sort: String, SortArgument {
            case ascending = "died_at"
            case descending = "-died_at"
        }

        func run(_ context: CommandContext) async throws {
            let broker = try settings.begin(context).broker(name: "shopctl-queue")
            let after = try list.cursor.map { try PageCursor($0, sort: sort.rawValue) }
            let topology = service.topology
            let queue = DeadLetterQueue(topology: topology, broker: broker, logger: .command("queue"))
            try await list.watching(context, output) {
                let all: [Delivery]
                do {
                    // A look sees all of them anyway, for the sake of their order.
                    all = try await queue.look(limit: 100_000).letters
                } catch let error as RabbitMQError where error.kind == .notFound {
                    throw CommandFailure.missingQueues([topology.dead])
                }
                let now = context.now()
                let selection = LetterPage(
                    since: list.since?.date(now: now), until: list.until?.date(now: now), after: after,
                    sort: sort.rawValue, isAscending: sort.isAscending)
                let (letters, page) = selection.page(of: all, limit: list.limit)
                try output.write(DeadLetterListing(service: topology.service, letters: letters, page: page), context)
            }
        }
    }
}

/// A part of dead letters, in the order in which they were given up on.
struct LetterPage: Sendable {
    /// Bounds of the time at which they were given up on: the first moment, and the first that is too late; nil for no
    /// bound. A letter that says nothing of it is within every bound.
    let since: Date?
    let until: Date?
    /// The last letter of the page before; nil for the first page.
    let after: PageCursor?
    let sort: String
    let isAscending: Bool

    func page(of all: [Delivery], limit: Int) -> (letters: [Delivery], page: Page) {
        let selected = (isAscending ? all : all.reversed()).filter { letter in
            guard let seconds = DeadLetter(letter).diedAt else { return true }
            let date = Date(timeIntervalSince1970: Double(seconds))
            return since.map { date >= $0 } ?? true && until.map { date < $0 } ?? true
        }
        let rest = after.map { cursor in
            // One that was sent back or dropped since leaves its place behind.
            let place = selected.firstIndex { $0.properties.messageID == cursor.id }.map { $0 + 1 }
            return Array(selected.dropFirst(place ?? min(Int(cursor.key), selected.count)))
        }
        let left = rest ?? selected
        let letters = Array(left.prefix(limit))
        let place = selected.count - left.count + letters.count
        let next =
            letters.count < left.count
            ? letters.last.map {
                PageCursor(sort: sort, key: Int64(place), id: $0.properties.messageID ?? "").text
            } : nil
        return (letters, Page(count: letters.count, total: Int64(selected.count), next: next))
    }
}
