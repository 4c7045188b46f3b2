import Testing

@testable import Sagas

/// Coordinator and participants together, in everything that a network and crashes can make of two sagas whose messages
/// are taken by up to three in a transaction.
@Suite struct ProtocolTests {
    @Test func everyRuleHoldsOnAnUnreliableNetworkAndEverySagaEnds() throws {
        let steps = SagaSteps(ProtocolRules())
        let states = try UnreliableNetwork.explore(steps).states
        let phases = Set(states.map { Set([$0[0], $0[1]].compactMap { steps.phase(of: $0.saga) }) })
        for one in SagaState.Phase.allCases {
            for other in SagaState.Phase.allCases where one != other {
                // Both stand everywhere, but one only has the last unit.
                let areBothConfirmed = Set([one, other]) == [.confirming, .confirmed]
                #expect(phases.contains([one, other]) != areBothConfirmed, "\(one), \(other)")
            }
        }
        #expect(states.count > 100_000)
    }

    @Test(arguments: BrokerQueues.Bounds.all) func queuesThatLoseNothingNeedNoTimer(
        bounds: BrokerQueues.Bounds
    ) throws {
        let steps = SagaSteps(ProtocolRules())
        let states = try BrokerQueues.explore(steps, bounds).states
        let ends = states.filter { $0.sagas[0].messages.isEmpty && $0.sagas[1].messages.isEmpty }
        let phases = ends.flatMap { end in (0..<bounds.sagas).map { steps.phase(of: end.sagas[$0].saga) } }
        #expect(Set(phases) == [.confirmed, .cancelled])
        #expect(states.count > 10_000)
    }

    @Test(arguments: ProtocolMutant.allCases) func aFaultInTheLogicIsFound(mutant: ProtocolMutant) {
        let finding = #expect(throws: Finding.self) { try mutant.explore() }
        #expect(finding?.rule == mutant.brokenRule, "\(String(describing: finding))")
    }
}
