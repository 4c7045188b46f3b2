import ArgumentParser
import Events
import FoundationEssentials
import Hosting
import Logging
import RabbitMQ
import Sagas

extension QueueCommand {
    /// `shopctl queue peek`
    struct QueuePeek: ListingCommand {
        typealias Listing = DeadLetterListing

        static let configuration = CommandConfiguration(
            commandName: "peek",
            abstract: "Look at a service's dead letters; they stay where they are.",
            discussion: """
                Shows of each what it is, whose saga it belongs to, why it was given up on and its body, the oldest \
                first. Classes: undecodable and protocol_violation died at once; unknown_type, newer_version and \
                exhausted have failed as often as a message may; broker_ and a reason were moved by the broker. Looking \
                returns no letter to the queue, so that no delivery limit is touched: each is replaced by a copy. What waits \
                to be tried again (--retry) is returned: at a delivery limit it is tried again before its time.

                EXAMPLES:
                  shopctl queue peek products
                  shopctl queue peek products --since 1h --sort -died_at
                  shopctl queue peek products --filter reason=exhausted --filter older=1h
                  shopctl queue peek orders --limit 100 -o jsonl
                  shopctl queue peek orders --columns message_id,type,died_at
                  shopctl queue peek customers --retry
                  shopctl queue peek customers --retry --filter reason=permission
                """)

        @Argument(help: ArgumentHelp("Whose dead letters.", valueName: "service"))
        var service: ServiceArgument
        @Option(parsing: .unconditional, help: "The order; a dash puts the latest first.")
        var sort = Sort.ascending
        @Flag(help: "The messages that have failed and wait to be tried again, with their last error, instead.")
        var retry = false
        @OptionGroup var filter: LetterFilterOptions
        @OptionGroup var list: ListOptions
        @OptionGroup var output: OutputOptions
        @OptionGroup var settings: ConfigurationOptions

        /// Values of `--sort`.
        enum Sort: String, SortArgument {
            case ascending = "died_at"
            case descending = "-died_at"
        }

        static func columns(on line: [String]) -> [Table.Column] {
            line.contains("--retry") ? [] : Listing.columns
        }

        func validate() throws {
            let isBare = list.since == nil && list.until == nil && list.cursor == nil && !list.watch
            guard !retry || isBare else {
                throw ValidationError("--retry shows what waits now: leave --since, --until, --cursor and --watch out")
            }
            guard !retry || output.columns == nil else {
                throw ValidationError("--retry has no columns to choose: leave --columns out")
            }
        }

        func run(_ context: CommandContext) async throws {
            let broker = try settings.begin(context).broker(name: "shopctl-queue")
            if retry { return try await showRetries(broker, context) }
            let paged = list.paged(
                "queue peek", sort: sort.rawValue, [service.topology.service] + filter.filters.map(\.text))
            let after = try list.cursor.map { try PageCursor($0, of: paged) }
            let topology = service.topology
            let queue = DeadLetterQueue(topology: topology, broker: broker, logger: .command("queue"))
            try await list.watching(context, output) { context in
                let (all, total): ([Delivery], Int)
                do {
                    // A look sees so many anyway, for the sake of their order.
                    (total, all) = try await queue.look(limit: DeadLetterQueue.orderLimit)
                } catch let error as RabbitMQError where error.kind == .notFound {
                    throw CommandFailure.missingQueues([topology.dead])
                }
                let now = context.now()
                let selection = LetterPage(
                    wanted: LetterSelection([], filter.filters, now: now),
                    since: list.since?.date(now: now), until: list.until?.date(now: now), after: after,
                    list: paged, isAscending: sort.isAscending)
                let (letters, page) = selection.page(of: all, unseen: total - all.count, limit: list.limit)
                let isFiltered = !filter.filters.isEmpty || list.since != nil || list.until != nil
                try output.write(
                    DeadLetterListing(
                        service: topology.service, letters: letters, page: page, isFiltered: isFiltered), context)
            }
        }
    }
}

extension QueueCommand.QueuePeek {
    private func showRetries(_ broker: RabbitMQConfiguration, _ context: CommandContext) async throws {
        let topology = service.topology
        let admin = RabbitMQAdmin(configuration: broker, logger: .command("queue"))
        let result: Result<RetryListing, any Error>
        do {
            let isFiltered = !filter.filters.isEmpty
            let total = try await QueueOverview.look(at: topology, admin).retrying
            let limit = isFiltered ? DeadLetterQueue.orderLimit : list.limit
            let all = try await RetriedMessage.look(at: topology, by: admin, limit: limit)
            let wanted = LetterSelection([], filter.filters, now: context.now())
            let messages = all.filter(wanted.contains)
            // Those that were not seen count, and are not shown.
            let unseen = all.count < limit ? 0 : max(0, total - all.count)
            result = .success(
                RetryListing(
                    service: topology.service, messages: Array(messages.prefix(list.limit)),
                    total: messages.count + unseen, isFiltered: isFiltered))
        } catch let error as RabbitMQError where error.kind == .notFound {
            result = .failure(CommandFailure.missingQueues(RetryDelay.allCases.map(topology.retry)))
        } catch {
            result = .failure(error)
        }
        await admin.close()
        try output.write(result.get(), context)
    }
}

/// A part of dead letters, in the order in which they were given up on.
struct LetterPage: Sendable {
    let wanted: LetterSelection
    /// Bounds of the time at which they were given up on: the first moment, and the first that is too late; nil for no
    /// bound. A letter that says nothing of it is within every bound.
    let since: Date?
    let until: Date?
    /// The last letter of the page before; nil for the first page.
    let after: PageCursor?
    let list: PagedList
    let isAscending: Bool

    /// - Parameter unseen: How many letters there are behind these: they count, and are on no page.
    func page(of all: [Delivery], unseen: Int = 0, limit: Int) -> (letters: [Delivery], page: Page) {
        let selected = (isAscending ? all : all.reversed()).filter { letter in
            guard wanted.contains(letter) else { return false }
            guard let date = DeadLetter(letter).diedAt else { return true }
            return since.map { date >= $0 } ?? true && until.map { date < $0 } ?? true
        }
        let rest = after.map { cursor in
            // Of several with one id it is that at its place, or the nearest; one that was sent back or dropped since
            // leaves its place behind.
            let last = Int(clamping: cursor.key) - 1
            let place = selected.indices.filter { selected[$0].properties.messageID ?? "" == cursor.id }
                .min { abs($0 - last) < abs($1 - last) }
            return Array(selected.dropFirst((place ?? last) + 1))
        }
        let left = rest ?? selected
        let letters = Array(left.prefix(limit))
        let place = selected.count - left.count + letters.count
        let next =
            letters.count < left.count
            ? letters.last.map {
                PageCursor(of: list, key: Int64(place), id: $0.properties.messageID ?? "").text
            } : nil
        return (letters, Page(count: letters.count, total: Int64(selected.count + unseen), next: next))
    }
}
