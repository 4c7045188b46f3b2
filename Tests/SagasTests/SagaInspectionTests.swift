import Events
import FoundationEssentials
import Testing

@testable import Sagas

/// A saga's messages are told from the rows that they follow from.
@Suite struct SagaInspectionTests {
    static let begun = Date(timeIntervalSince1970: 1_800_000_000)
    private static let id = UUID()

    /// A saga of two participants, in which only the customers have done their part.
    func facts(_ broker: SagaFacts.Broker, branches: [SagaFacts.Branch] = []) -> SagaFacts {
        var facts = SagaFacts(
            coordinator: "orders",
            saga: SagaRecord(
                id: Self.id, name: "order-placement", subjectID: 7, phase: .trying, startedAt: Self.begun,
                deadlineAt: Self.begun + 900, nextAttemptAt: Self.begun + 5),
            observedAt: Self.begun + 60, participants: ["customers", "products"].map { .init(name: $0) })
        facts.broker = broker
        facts.branches = branches
        return facts
    }

    func words(_ facts: SagaFacts) -> [String] {
        SagaTimeline.events(facts, about: "order 7").map { "\($0.by) \($0.event)" }
    }

    let tried = SagaFacts.Branch(
        participant: "customers", state: .tried, createdAt: Self.begun + 1, updatedAt: Self.begun + 1)

    func seen(ready: Int = 0) -> SagaFacts.Broker {
        .seen(
            ["orders", "products", "customers"].map {
                .init(service: $0, ready: ready, consumers: 1, retrying: 0, dead: 0)
            }, dead: [])
    }

    @Test func whatFollowsFromRowsIsTold() throws {
        let facts = facts(seen(), branches: [tried])
        #expect(
            words(facts) == ["orders started", "orders try_sent", "customers tried", "customers vote_sent"])
        let vote = try #require(SagaTimeline.events(facts, about: "").last)
        #expect(
            vote.messageID
                == MessageID.derived(saga: Self.id, source: "customers", kind: "vote").uuidString.lowercased())
        #expect(facts.unsent.isEmpty)
    }

    @Test func aDatabaseThatRefusesIsNamedWithItsWords() {
        var facts = facts(seen(), branches: [tried])
        facts.unasked["products"] = "its database: permission denied"
        facts.databasesAway["products"] = "permission denied"
        #expect(SagaDiagnosis(facts).remedies.contains(.restoreDatabase(of: "products", reason: "permission denied")))
        facts.databasesAway = [:]
        #expect(
            !SagaDiagnosis(facts).remedies.contains { if case .restoreDatabase = $0 { true } else { false } })
    }

    @Test func whyAMessageFailsIsTold() throws {
        let failing = SagaFacts.Queues(
            service: "products", ready: 0, consumers: 1, retrying: 1, dead: 0,
            lastError: "permission denied for table stock (42501)")
        let diagnosis = SagaDiagnosis(facts(.seen([failing], dead: []), branches: [tried]))
        let awaited = try #require(diagnosis.awaited.first { $0.participant == "products" })
        #expect(awaited.text == "products has failed to handle the try: permission denied for table stock (42501)")
        #expect(
            diagnosis.remedies == [.awaitRetries(of: "products", count: 1), .runCoordinator(service: "orders")])
    }

    @Test func aDecisionAndItsReportsAreToldToo() {
        var facts = facts(
            seen(),
            branches: [
                .init(participant: "customers", state: .confirmed, createdAt: Self.begun + 1, updatedAt: Self.begun + 4)
            ])
        facts.saga.phase = .confirming
        facts.saga.decidedAt = Self.begun + 3
        #expect(
            words(facts).suffix(4) == [
                "orders decided", "orders confirm_sent", "customers confirmed", "customers done_sent",
            ])
    }

    @Test(arguments: [0, -0.000_002])
    func whatIsHandledTogetherIsToldInTheOrderInWhichItFollows(settling: TimeInterval) {
        var facts = facts(
            seen(),
            branches: [
                .init(
                    participant: "customers", state: .cancelled, createdAt: Self.begun + 9,
                    updatedAt: Self.begun + 9 + settling)
            ])
        facts.saga.phase = .cancelling
        facts.saga.refusal = SagaRefusal(code: "called_off", message: "a test's")
        facts.saga.decidedAt = Self.begun + 3
        facts.participants[0].vote = .accepted
        facts.participants[0].votedAt = Self.begun + 10
        #expect(
            words(facts) == [
                "orders started", "orders try_sent", "orders decided", "orders cancel_sent", "customers tried",
                "customers vote_sent", "customers cancelled", "customers done_sent", "orders vote_recorded",
            ])
        // All of one moment.
        facts.saga.decidedAt = facts.branches[0].updatedAt
        facts.participants[0].votedAt = facts.branches[0].updatedAt
        #expect(
            words(facts).suffix(7) == [
                "customers tried", "customers vote_sent", "orders vote_recorded", "orders decided",
                "orders cancel_sent", "customers cancelled", "customers done_sent",
            ])
    }

    @Test func whatOnlyAnOperatorHasSaidIsToldAsThat() {
        var facts = facts(
            seen(),
            branches: [
                .init(participant: "products", state: .confirmed, createdAt: Self.begun + 1, updatedAt: Self.begun + 4)
            ])
        facts.saga.phase = .confirmed
        facts.saga.decidedAt = Self.begun + 3
        facts.saga.finishedAt = Self.begun + 60
        facts.participants = [
            .init(name: "customers", vote: .accepted, votedAt: Self.begun + 2, doneAt: Self.begun + 60),
            .init(
                name: "products", vote: .accepted, votedAt: Self.begun + 2, doneAt: Self.begun + 5,
                doneMessageID: UUID()),
        ]
        func end() -> String? {
            SagaTimeline.events(facts, about: "").first { $0.event == "finished" }?.text
        }
        #expect(
            SagaDiagnosis(facts).summary
                == "over: confirmed, and carried out by everyone; the record of customers is lost")
        #expect(SagaDiagnosis(facts).remedies == [.restoreRecords(of: ["customers"])])
        #expect(end() == "finished: confirmed, everyone has carried it out")
        facts.log = [
            .init(at: Self.begun + 60, event: "operator_resolve", detail: SagaResolution.text("customers") + ": lost")
        ]
        #expect(facts.participants.map(facts.isResolvedByHand) == [true, false])
        let word = "an operator said that it is carried out by customers (its own record: nothing)"
        #expect(SagaDiagnosis(facts).summary == "over: confirmed; \(word)")
        #expect(end() == "finished: confirmed, by an operator's word")
        // The deed's time is its own record's, and not that of the report.
        #expect(facts.carriedOutAt(by: "products") == Self.begun + 4)
        #expect(facts.carriedOutAt(by: "customers") == nil)
    }

    @Test func whatIsCarriedOutNeedsItsReportAndNoDeadLetter() {
        var facts = facts(
            .seen(
                ["orders", "customers"].map { .init(service: $0, ready: 0, consumers: 1, retrying: 0, dead: 1) },
                dead: [
                    .init(
                        service: "customers", sender: "orders", id: "7", type: "saga.order-placement.confirm",
                        errorClass: "protocol_violation", reason: "confirm for a branch that was never tried",
                        diedAt: Self.begun + 30)
                ]),
            branches: [
                .init(
                    participant: "customers", state: .confirmed, createdAt: Self.begun + 1, updatedAt: Self.begun + 50)
            ])
        facts.saga.phase = .confirming
        facts.saga.decidedAt = Self.begun + 3
        facts.saga.stuckSince = Self.begun + 3
        facts.saga.nextAttemptAt = facts.observedAt
        facts.saga.resends = 3
        facts.participants = [
            .init(name: "customers", vote: .accepted, votedAt: Self.begun + 2),
            .init(name: "products", vote: .accepted, votedAt: Self.begun + 2, doneAt: Self.begun + 5),
        ]
        facts.log = [.init(at: Self.begun + 40, event: "resent", detail: "confirming, resend 3 to customers")]
        #expect(SagaDiagnosis(facts).awaited.map(\.holdUp) == [.answerUnrecorded])
        #expect(SagaDiagnosis(facts).remedies == [.retry(Self.id, isStuck: true)])
        // It was asked again, and its answer has got lost.
        facts.log.append(.init(at: Self.begun + 55, event: "resent", detail: "confirming, resend 4 to customers"))
        #expect(SagaDiagnosis(facts).remedies == [.checkBindings(of: "orders", resends: 3)])
        facts.branches[0].state = .tried
        #expect(SagaDiagnosis(facts).awaited.map(\.holdUp) == [.requestDead])
    }

    @Test func whatNobodyHasHeardWithoutABrokerIsUnsent() {
        let facts = facts(.unreachable("nobody answers"))
        #expect(words(facts) == ["orders started", "orders try_unsent"])
        let diagnosis = SagaDiagnosis(facts)
        #expect(diagnosis.awaited.map(\.holdUp) == [.requestUnsent, .requestUnsent])
        // The coordinator's attempt is overdue since it cannot send.
        #expect(diagnosis.remedies == [.restoreBroker(reason: "nobody answers")])
    }

    @Test func aVoteThatWasNotTakenWithoutABrokerIsUnsent() {
        let diagnosis = SagaDiagnosis(facts(.unreachable("nobody answers"), branches: [tried]))
        #expect(diagnosis.awaited.map(\.holdUp) == [.answerUnsent, .requestUnhandled])
    }

    @Test func theOutboxOfAnEarlierVersionIsBelieved() {
        var facts = facts(seen())
        facts.outbox = [
            .init(
                service: "orders", id: UUID(), type: "saga.order-placement.try", writtenAt: Self.begun,
                publishedAt: nil, attempts: 3, lastError: "no queue took it: 312 NO_ROUTE")
        ]
        #expect(words(facts) == ["orders started", "orders try_unsent"])
        #expect(SagaDiagnosis(facts).remedies.first == .declareQueues)
    }

    @Test func aReplayIsALineOfItsOwnAndMovesNone() {
        var facts = facts(seen())
        var event = SagaFacts.Message(
            service: "orders", id: UUID(), type: "order.confirmed", writtenAt: Self.begun + 2, publishedAt: nil)
        func told() -> [String] {
            facts.outbox = [event]
            return SagaTimeline.events(facts, about: "order 7").filter { $0.event.hasPrefix("order.confirmed_") }
                .map { "\(Int($0.at.timeIntervalSince(Self.begun))) \($0.text)" }
        }
        #expect(told() == ["2 wrote order.confirmed to its outbox: NOT SENT YET"])
        #expect(facts.unsent.count == 1)
        event.isBeingSent = true
        #expect(told() == ["2 wrote order.confirmed to its outbox"])
        #expect(facts.unsent.isEmpty)
        event.isBeingSent = false
        event.publishedAt = Self.begun + 3
        event.resentAt = [Self.begun + 20]
        event.replayedAt = Self.begun + 30
        #expect(
            told() == [
                "3 sent order.confirmed", "20 sent order.confirmed again",
                "30 was asked to send order.confirmed again: NOT SENT YET",
            ])
        event.resentAt.append(Self.begun + 31)
        event.replayedAt = nil
        #expect(
            told() == [
                "3 sent order.confirmed", "20 sent order.confirmed again", "31 sent order.confirmed again",
            ])
    }

    @Test func whatWasSentAgainAndWaitsNowhereMayHaveNoRoute() {
        var facts = facts(seen())
        facts.saga.nextAttemptAt = facts.observedAt
        facts.saga.resends = 3
        #expect(
            SagaDiagnosis(facts).remedies == [
                .checkBindings(of: "customers", resends: 3), .checkBindings(of: "products", resends: 3),
            ])
    }

    @Test func whatAServiceHoldsIsNotTakenForUnbound() throws {
        let held = ["customers", "products"].map { name in
            var queues = SagaFacts.Queues(service: name, ready: 0, consumers: 1, retrying: 0, dead: 0)
            queues.unacknowledged = 1
            return queues
        }
        var facts = facts(.seen(held, dead: []))
        facts.saga.nextAttemptAt = facts.observedAt
        facts.saga.resends = 3
        #expect(
            SagaDiagnosis(facts).remedies == [
                .awaitHandling(of: "customers", count: 1), .awaitHandling(of: "products", count: 1),
            ])
        let reason = "products.database: the server does not take writes"
        facts.troubles = ["products": reason]
        let diagnosis = SagaDiagnosis(facts)
        #expect(
            diagnosis.remedies == [
                .awaitHandling(of: "customers", count: 1), .restoreService("products", reason: reason),
            ])
        #expect(diagnosis.awaited.map(\.text).contains("products cannot handle the try: \(reason)"))
    }

    @Test func whatNobodyTookBeforeItWasDueAgainIsNotToldAsSent() {
        var facts = facts(seen())
        facts.log = [.init(at: Self.begun + 6, event: "resent", detail: "trying, resend 1")]
        func resend() -> String? {
            SagaTimeline.events(facts, about: "order 7").first { $0.event == "resent" }?.text
        }
        #expect(words(facts) == ["orders started", "orders try_due", "orders resent"])
        #expect(resend() == "to send again: trying, resend 1")
        let late = SagaFacts.Branch(
            participant: "customers", state: .tried, createdAt: Self.begun + 30, updatedAt: Self.begun + 30)
        facts.branches = [late]
        #expect(
            words(facts) == [
                "orders started", "orders try_due", "orders resent", "customers tried", "customers vote_sent",
            ])
        facts.branches = [tried]
        #expect(
            words(facts) == [
                "orders started", "orders try_sent", "customers tried", "customers vote_sent", "orders resent",
            ])
        #expect(resend() == "resent: trying, resend 1")
    }

    @Test func whatWasStuckAndWhatFailedStayInTheOrderOfTheirTimes() {
        var facts = facts(seen(), branches: [tried])
        facts.stalls = [
            .init(since: Self.begun + 1, until: Self.begun + 40, waitedFor: ["products"], isUndecided: true)
        ]
        facts.failures = [
            .init(
                service: "products", kind: .try, count: 4, error: "refused", since: Self.begun + 2,
                lastAt: Self.begun + 30, gaveUpAt: Self.begun + 20, gaveUpReason: "exhausted: refused",
                handledAt: Self.begun + 39)
        ]
        #expect(
            words(facts).suffix(7) == [
                "customers vote_sent", "orders stuck_since", "products failed_first", "products dead_lettered",
                "products failed_last", "products handled_late", "orders stuck_until",
            ])
    }
}
