/// Entries that a node takes in one transaction.
///
/// The first participant has one unit of something that both sagas want: it accepts while that is free.
struct SagaBatch {
    /// The most entries of a batch.
    static let limit = 3

    /// An entry that is taken.
    private struct Taken {
        let saga: Int
        let step: SagaSteps.Step
    }

    private let node: Int
    private let steps: SagaSteps
    private let start: SagaPair
    private var taken: [Taken] = []
    /// The sagas as they become, with the messages of before.
    private(set) var sagas: SagaPair
    /// The entries that were taken, those about each saga.
    private(set) var entries: [ProtocolMessages] = [ProtocolMessages(), ProtocolMessages()]
    /// The messages that are published after the commit, those about each saga.
    private(set) var sent: [ProtocolMessages] = [ProtocolMessages(), ProtocolMessages()]

    /// An empty batch of a node: a participant's number, or 2 for the coordinator.
    init(of node: Int, _ sagas: SagaPair, _ steps: SagaSteps) {
        self.node = node
        self.steps = steps
        self.sagas = sagas
        start = sagas
    }

    var name: String {
        taken.map { "\(ProtocolMessage.all[$0.step.index]), saga \($0.saga)" }.joined(separator: " + ")
    }

    /// Visits every batch that begins with this one.
    ///
    /// A batch that fails leaves nothing, and each of its halves is a batch that is visited anyhow.
    ///
    /// - Parameters:
    ///   - repeating: Whether an entry may come several times; then those that change nothing are left out.
    ///   - refusing: The participants that may refuse for reasons of their own.
    mutating func extend(repeating: Bool, refusing: Set<Int>, _ visit: (SagaBatch) -> Void) {
        // Only at the participant with the last unit it matters which saga is first.
        let first = node == 0 ? 0 : taken.last?.saga ?? 0
        for saga in first..<2 {
            let (was, before, said) = (sagas[saga].saga, entries[saga], sent[saga])
            let queued = start[saga].messages
            for step in steps.taking(by: node, was, changing: repeating) where queued.contains(step.message) {
                guard repeating || !before.contains(step.message) else { continue }
                guard mayVote(step.vote, refusing) else { continue }
                taken.append(Taken(saga: saga, step: step))
                sagas[saga].saga = step.saga
                entries[saga].insert(step.message)
                sent[saga].insert(step.sent)
                visit(self)
                if taken.count < Self.limit { extend(repeating: repeating, refusing: refusing, visit) }
                taken.removeLast()
                sagas[saga].saga = was
                (entries[saga], sent[saga]) = (before, said)
            }
        }
    }

    private func mayVote(_ vote: SagaSteps.Vote, _ refusing: Set<Int>) -> Bool {
        guard vote != .notAsked else { return true }
        let seen = steps.rules.looksOnce ? start : sagas
        let isFree = node != 0 || steps.held(by: seen[0].saga) + steps.held(by: seen[1].saga) == 0
        return vote == .accepted ? isFree : !isFree || refusing.contains(node)
    }
}
