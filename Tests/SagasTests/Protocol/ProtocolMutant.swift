import Testing

@testable import Sagas

/// A fault in the logic, which the exploration of the protocol must find.
enum ProtocolMutant: String, CaseIterable, CustomTestStringConvertible {
    case skipsACompensation, appliesTwice, decidesTwice, countsVotes, createsOnConfirm, leavesNoTombstone
    case letsGoAfterVoting, acknowledgesBeforeTheConfirm, dropsTheDecisionSentAgain
    case beginsWhatMayBeForgotten, looksAtTheStockOnceABatch

    var testDescription: String { rawValue }

    /// The logic with this fault.
    var rules: ProtocolRules {
        switch self {
        case .skipsACompensation: .participant(.cancel, in: .tried, does: .entomb)
        case .appliesTwice: .participant(.try, in: .tried, does: .perform)
        case .decidesTwice:
            .coordinator { state, input in
                if case .timer(deadlinePassed: true) = input, state.phase == .confirming { state.phase = .trying }
            }
        case .countsVotes:
            // A vote that comes again counts as the other's.
            .coordinator { state, input in
                guard case .vote(let name, .accepted) = input, state.participants[name]?.vote != nil else { return }
                input = .vote(participant: name == "a" ? "b" : "a", .accepted)
            }
        case .createsOnConfirm: .participant(.confirm, in: nil, does: .confirm)
        case .leavesNoTombstone: .participant(.cancel, in: nil, does: .repeatDone(.cancel))
        case .letsGoAfterVoting: ProtocolRules(letsGo: true)
        case .acknowledgesBeforeTheConfirm: ProtocolRules(acknowledgesFirst: true)
        case .dropsTheDecisionSentAgain:
            ProtocolRules(reduce: { state, input in
                let (next, effects) = SagaLogic.reduce(state, input)
                if case .timer = input, state.phase == .confirming { return (next, []) }
                return (next, effects)
            })
        case .beginsWhatMayBeForgotten: ProtocolRules(takesOldTries: true)
        case .looksAtTheStockOnceABatch: ProtocolRules(looksOnce: true)
        }
    }

    /// The rule that it breaks first.
    var brokenRule: String {
        switch self {
        case .skipsACompensation, .leavesNoTombstone, .beginsWhatMayBeForgotten:
            "a part is done that was told to be taken back"
        case .appliesTwice, .createsOnConfirm: "a part was done twice"
        case .decidesTwice: "decided twice"
        case .countsVotes: "confirmed without everybody's part"
        case .letsGoAfterVoting: "confirm for a branch that was cancelled"
        case .acknowledgesBeforeTheConfirm: "the queues are empty, and it is not over"
        case .dropsTheDecisionSentAgain: "it does not end"
        case .looksAtTheStockOnceABatch: "the last unit is given to both"
        }
    }

    /// Explores the protocol with this fault, where there is what it is about.
    ///
    /// - Throws: What is found.
    func explore() throws(Finding) {
        let steps = SagaSteps(rules)
        if self == .acknowledgesBeforeTheConfirm {
            // Nothing is acknowledged on the other network: whatever was once sent may come again.
            for bounds in BrokerQueues.Bounds.all { _ = try BrokerQueues.explore(steps, bounds) }
        } else {
            _ = try UnreliableNetwork.explore(steps)
        }
    }
}
