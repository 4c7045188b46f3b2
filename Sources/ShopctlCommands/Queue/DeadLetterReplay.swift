import Events
import FoundationEssentials
import RabbitMQ
import Telemetry

/// Sends dead letters back to the inbox they came from, each after its line in the audit trail.
struct DeadLetterReplay: Sendable {
    let topology: ServiceTopology
    let broker: RabbitMQConfiguration
    let plan: ReplayPlan
    let wanted: LetterSelection
    let isDryRun: Bool
    let audit: DeedTrail
    /// The time between two letters; nil for none.
    var interval: Duration?
    let interruption: Interruption

    /// Sends letters back, in rounds where what comes of some decides on others.
    ///
    /// Looks at no more letters than there were at the start: one that comes back at once is not sent round for ever.
    ///
    /// - Parameters:
    ///   - observer: Who tells what becomes of them; nil for nobody.
    ///   - wait: How long it may wait for that, each round.
    func run(_ observer: ReplayObserver?, wait: SpanArgument) async throws -> ReplayOutcome {
        var outcome = ReplayOutcome(service: topology.service, isDryRun: isDryRun)
        let receipts = try await observer?.queue()
        while true {
            // A dry run sends nothing: nothing depends on what comes of it.
            let size = isDryRun ? plan.limit : plan.size(after: outcome.fates)
            let left = outcome.looked == 0 ? nil : outcome.total - outcome.looked
            if size == 0 || left == 0 || interruption.isSet { break }
            var round = try await run(limit: size, looks: left, receipts: receipts)
            if let observer, round.failure == nil, !round.replayed.isEmpty {
                let ids = round.receiptIDs
                round.fates = await interruption.cancelling { await observer.fates(of: ids, within: wait) }
            }
            outcome.add(round)
            if outcome.failure != nil || !plan.dependsOnFates || isDryRun { break }
            // The canaries alone decide once; then all that is left goes at once, unless failures are counted.
            outcome.stop = plan.stop(after: outcome.fates)
            if outcome.stop != nil || round.replayed.isEmpty { break }
            if let most = wanted.most, outcome.replayed.count >= most { break }
        }
        // What was looked at to the end was not cut short.
        let isCut = outcome.looked == 0 || outcome.looked < outcome.total
        if interruption.isSet, outcome.failure == nil, isCut, outcome.replayed.count != plan.limit {
            outcome.stop = .interrupted
        }
        return outcome
    }

    /// - Parameter looks: The most letters to look at; nil for all that there are.
    private func run(limit: Int?, looks: Int?, receipts: String?) async throws -> ReplayOutcome {
        var outcome = ReplayOutcome(service: topology.service, isDryRun: isDryRun)
        let queue = DeadLetterQueue(topology: topology, broker: broker, logger: .command("replay"))
        var receiptIDs: [UInt64: String] = [:]
        var next = ContinuousClock.now
        func note(_ letter: Delivery) {
            outcome.replayed.append(letter)
            outcome.receiptIDs.append(receiptIDs[letter.deliveryTag] ?? "")
        }
        do {
            try await queue.walk(moved: note) { total in
                outcome.total = total
                // A dry run sees the queue to its end, so that it keeps its order.
                let isEnough = outcome.replayed.count == limit || outcome.replayed.count == wanted.most
                guard isDryRun || !isEnough, outcome.looked < looks ?? total else { return nil }
                if interval != nil { try await interruption.wait(until: next) }
                if interruption.isSet { return nil }
                return { letter in
                    outcome.looked += 1
                    guard wanted.contains(letter), !isEnough else { return .keep }
                    if isDryRun {
                        note(letter)
                        return .keep
                    }
                    try await audit.note("queue.replay \(letter.properties.messageID ?? "(no message id)")")
                    if let interval { next = ContinuousClock.now + interval }
                    let receipt = receipts.map { ReplayReceipt.Request(id: UUID.random().uuidString, queue: $0) }
                    receiptIDs[letter.deliveryTag] = receipt?.id
                    return .move(DeadLetter.replay(letter, to: topology.inbox, receipt: receipt))
                }
            }
        } catch let error as RabbitMQError where error.kind == .notFound && outcome.looked == 0 {
            throw CommandFailure.missingQueues([topology.dead])
        } catch {
            outcome.failure = Self.failure(error)
        }
        return outcome
    }

    private static func failure(_ error: any Error) -> any Error {
        switch error {
        case DeadLetterQueue.Refusal.nacked(let queue):
            CommandFailure(.unreachable, "the broker did not take a message for \(queue)")
        case DeadLetterQueue.Refusal.unroutable(let queue): CommandFailure.missingQueues([queue])
        default: error
        }
    }
}
