import FoundationEssentials
import Testing

@testable import Sagas

/// Failures are those of messages, whichever copy failed, and what is told once stays where it is.
extension SagaInspectionTests {
    /// A copy of the `try` to products that has failed.
    private func copy(
        _ count: Int, from since: TimeInterval, to last: TimeInterval, handled: TimeInterval? = nil
    ) -> SagaFacts.Failure {
        .init(
            service: "products", kind: .try, count: count, error: "refused at \(Int(last))", since: Self.begun + since,
            lastAt: Self.begun + last, handledAt: handled.map { Self.begun + $0 })
    }

    private func told(_ facts: SagaFacts, _ words: Set<String>) -> [String] {
        SagaTimeline.events(facts, about: "order 7").filter { words.contains($0.event) }
            .map { "\(Int($0.at.timeIntervalSince(Self.begun))) \($0.text)" }
    }

    @Test func aMessageThatWasSentAgainHasFailedOnceForTheFirstTime() {
        let failures: Set = ["failed_first", "failed_last", "handled_late"]
        var waiting = SagaFacts.Queues(service: "products", ready: 0, consumers: 1, retrying: 2, dead: 0)
        waiting.failing = [copy(3, from: 1, to: 20), copy(2, from: 11, to: 30)]
        var facts = facts(.seen([waiting], dead: []))
        let first = "1 failed to handle the try, for the first time"
        #expect(
            told(facts, failures) == [first, "30 failed to handle the try, 5 times in 2 copies: refused at 30"])
        // A third is handled, which has never failed; then the others one by one, and none of them moves anything.
        facts.branches = [
            .init(participant: "products", state: .tried, createdAt: Self.begun + 40, updatedAt: Self.begun + 40)
        ]
        let end = [
            first, "30 failed to handle the try, 5 times in 2 copies: refused at 30",
            "40 handled the try, which had failed 5 times in 2 copies",
        ]
        #expect(told(facts, failures) == end)
        waiting.failing.removeFirst()
        facts.broker = .seen([waiting], dead: [])
        facts.failures = [copy(3, from: 1, to: 20, handled: 320)]
        #expect(told(facts, failures) == end)
        // One that began to fail when all was done has kept nobody.
        waiting.failing.append(copy(1, from: 50, to: 50))
        facts.broker = .seen([waiting], dead: [])
        #expect(told(facts, failures) == end)
        facts.broker = seen()
        facts.failures.append(copy(2, from: 11, to: 30, handled: 200))
        #expect(told(facts, failures) == end)
        #expect(facts.lastFailed?.error == "refused at 30")
    }

    @Test func aTryThatComesAfterItsCancelIsNotToldAsHandled() {
        var facts = facts(
            seen(),
            branches: [
                .init(
                    participant: "products", state: .cancelled, createdAt: Self.begun + 40, updatedAt: Self.begun + 40)
            ])
        facts.saga.phase = .cancelled
        facts.failures = [copy(2, from: 1, to: 30, handled: 60)]
        #expect(
            told(facts, ["failed_first", "failed_last", "handled_late"]) == [
                "1 failed to handle the try, for the first time",
                "30 failed to handle the try, 2 times: refused at 30",
            ])
    }

    @Test func copiesThatWereGivenUpOnAreOneLine() {
        let letters = [30.0, 20].map { at in
            SagaFacts.DeadMessage(
                service: "products", sender: "orders", id: "7", type: "saga.order-placement.try",
                errorClass: "exhausted", reason: "failed 10 times", diedAt: Self.begun + at)
        }
        var facts = facts(.seen([], dead: letters))
        let end = ["20 GAVE UP on saga.order-placement.try (exhausted: failed 10 times), 2 copies"]
        #expect(told(facts, ["dead_lettered"]) == end)
        // Sent back, and handled.
        facts.broker = .seen([], dead: [letters[0]])
        var failure = copy(10, from: 1, to: 20, handled: 90)
        failure.gaveUpAt = Self.begun + 20
        failure.gaveUpReason = "exhausted: failed 10 times"
        facts.failures = [failure]
        #expect(told(facts, ["dead_lettered"]) == end)
    }

    @Test func anOperatorsDeedStandsBeforeWhatFollowsFromIt() {
        var facts = facts(seen(), branches: [tried])
        facts.saga.phase = .cancelling
        facts.saga.refusal = SagaRefusal(code: "cancelled_by_operator", message: "the shop called this off")
        facts.saga.decidedAt = Self.begun + 10
        facts.log = [.init(at: Self.begun + 10.065, event: "operator_cancel", detail: "an operator cancelled it")]
        #expect(words(facts).suffix(3) == ["operator operator_cancel", "orders decided", "orders cancel_sent"])
    }

    @Test func whatIsStuckIsToldByOneKindOfLine() {
        var facts = facts(seen(), branches: [tried])
        facts.log = [.init(at: Self.begun + 30, event: "stuck", detail: "not carried out after 5 resends")]
        #expect(words(facts).suffix(1) == ["orders stuck"])
        facts.saga.stuckSince = Self.begun + 1
        #expect(words(facts).filter { $0.contains("stuck") } == ["orders stuck_since"])
        facts.saga.stuckSince = nil
        facts.stalls = [
            .init(since: Self.begun + 1, until: Self.begun + 40, waitedFor: ["products"], isUndecided: true)
        ]
        #expect(words(facts).filter { $0.contains("stuck") } == ["orders stuck_since", "orders stuck_until"])
    }
}
