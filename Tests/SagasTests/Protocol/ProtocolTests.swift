import Testing

@testable import Sagas

/// Coordinator and participants together, in everything that a network and crashes can make of one saga.
@Suite struct ProtocolTests {
    /// A fault in the logic, by name.
    struct Mutant: CustomTestStringConvertible, Sendable {
        let testDescription: String
        /// The rule that it breaks first.
        let breaks: String
        let rules: @Sendable () -> ProtocolRules

        init(_ name: String, breaks: String, _ rules: @escaping @Sendable () -> ProtocolRules) {
            testDescription = name
            self.breaks = breaks
            self.rules = rules
        }
    }

    @Test func everyRuleHoldsOnAnUnreliableNetwork() throws {
        let explored = try UnreliableNetwork.explore(ProtocolRules())
        let phases = Set(explored.states.compactMap(\.saga.coordinator?.phase))
        #expect(phases == Set(SagaState.Phase.allCases))
        #expect(explored.states.count > 1000)
    }

    @Test(arguments: [false, true]) func whateverIsLostEverySagaEnds(deadlinePassed: Bool) throws {
        for state in try UnreliableNetwork.explore(ProtocolRules()).states where !state.saga.isForgotten {
            let broken = state.brokenRuleAtTheEnd(ProtocolRules(), deadlinePassed: deadlinePassed)
            #expect(broken == nil, "\(state)")
        }
    }

    @Test func queuesThatLoseNothingNeedNoTimer() throws {
        let explored = try BrokerQueues.explore(ProtocolRules())
        let ends = Set(explored.states.filter { $0.queued.isEmpty }.compactMap(\.saga.coordinator?.phase))
        #expect(ends == [.confirmed, .cancelled])
    }

    static let mutants = [
        Mutant("skips a compensation", breaks: "a part is done that was told to be taken back") {
            .participant(.cancel, in: .tried, does: .entomb)
        },
        Mutant("applies twice", breaks: "a part was done twice") { .participant(.try, in: .tried, does: .perform) },
        Mutant("decides twice", breaks: "decided twice") {
            .coordinator { state, input in
                if case .timer(deadlinePassed: true) = input, state.phase == .confirming { state.phase = .trying }
            }
        },
        Mutant("counts votes", breaks: "confirmed without everybody's part") {
            .coordinator { state, input in
                guard case .vote(let name, .accepted) = input, state.participants[name]?.vote != nil else { return }
                input = .vote(participant: name == "a" ? "b" : "a", .accepted)
            }
        },
        Mutant("creates on confirm", breaks: "a part was done twice") {
            .participant(.confirm, in: nil, does: .confirm)
        },
        Mutant("leaves no tombstone", breaks: "a part is done that was told to be taken back") {
            .participant(.cancel, in: nil, does: .repeatDone(.cancel))
        },
        Mutant("lets go after voting", breaks: "a has voted otherwise before") { ProtocolRules(letsGo: true) },
        Mutant("begins what may be forgotten", breaks: "a part is done that was told to be taken back") {
            ProtocolRules(takesOldTries: true)
        },
    ]

    @Test(arguments: mutants) func aFaultInTheLogicIsFound(mutant: Mutant) {
        let finding = #expect(throws: UnreliableNetwork.Explored.Finding.self) {
            try UnreliableNetwork.explore(mutant.rules())
        }
        #expect(finding?.rule == mutant.breaks, "\(String(describing: finding))")
    }

    @Test func whoAcknowledgesBeforeTheConfirmIsFound() {
        let finding = #expect(throws: BrokerQueues.Explored.Finding.self) {
            try BrokerQueues.explore(ProtocolRules(acknowledgesFirst: true))
        }
        #expect(finding?.rule == "the queues are empty, and it is not over")
    }

    @Test func whoDropsTheDecisionSentAgainIsFound() throws {
        var rules = ProtocolRules()
        rules.reduce = { state, input in
            let (next, effects) = SagaLogic.reduce(state, input)
            if case .timer = input, state.phase == .confirming { return (next, []) }
            return (next, effects)
        }
        let states = try UnreliableNetwork.explore(rules).states.filter { !$0.saga.isForgotten }
        #expect(states.contains { $0.brokenRuleAtTheEnd(rules, deadlinePassed: false) == "it does not end" })
    }
}
