import Postgres
import ShopHarness
import TestSupport
import Testing

@testable import Events
@testable import Sagas

/// Resends follow the backlog: what is late is not asked for again by everybody.
@Suite(.serialized) struct ResendTests {
    @Test func theMoreIsUnderWayTheLessIsSentAgain() {
        #expect(SagaSweeper.resends(underWay: 0) == 100 && SagaSweeper.resends(underWay: 100) == 100)
        #expect(SagaSweeper.resends(underWay: 400) == 25)
        #expect(SagaSweeper.resends(underWay: 1_000_000) == 1)
        let counts = (0..<5_000).map { SagaSweeper.resends(underWay: $0) }
        #expect(zip(counts, counts.dropFirst()).allSatisfy { $0 >= $1 })
    }

    @Test func aSweepSendsABoundedNumberAndOnlyToWhoIsSilent() async throws {
        try await withFixture { fixture in
            let scene = try await SweeperScene(fixture)
            try await scene.begin(400, deadline: "1 hour")
            await scene.sweeper.sweep(scene.coordinator)
            #expect(try await scene.sent(.try, atLeast: 25).count == 25)
            await scene.sweeper.sweep(scene.coordinator)
            let sent = try await scene.sent(.try, atLeast: 50)
            #expect(sent.count == 50, "others come next")
            #expect(Set(sent.map(\.correlationID)).count == 50, "each once")
            // The customers have voted: it is not for them.
            for message in sent { #expect(try message.decode(TryBody<Sagas.JSONValue>.self).to == ["products"]) }
        }
    }

    /// Deadlines are no resends: they are all kept, whatever the backlog.
    @Test func everyDeadlineIsKept() async throws {
        try await withFixture { fixture in
            let scene = try await SweeperScene(fixture)
            try await scene.begin(250, deadline: "0")
            await scene.sweeper.sweep(scene.coordinator)
            #expect(try await scene.sent(.cancel, atLeast: 250).count == 250)
            #expect(try await scene.sent(.try, atLeast: 0).isEmpty)
        }
    }

    @Test func aDecisionIsSentAgainToThoseWhoHaveNotCarriedItOut() async throws {
        try await withFixture { fixture in
            let scene = try await SweeperScene(fixture)
            try await scene.begin(1, deadline: "1 hour")
            try await scene.database.query(
                """
                UPDATE sagas SET phase = 'confirming', decided_at = now(), participants = jsonb_build_object(
                    'products', jsonb_build_object('vote', 'accepted', 'voted_at', now()),
                    'customers', jsonb_build_object('vote', 'accepted', 'voted_at', now(), 'done_at', now()))
                """)
            await scene.sweeper.sweep(scene.coordinator)
            let sent = try await scene.sent(.confirm, atLeast: 1)
            #expect(try sent.map { try $0.decode(DecisionBody.self).to } == [["products"]])
        }
    }

    /// In an idle shop a sweeper asks one question, and locks nothing.
    @Test func aLookSweepsOnlyWhereSomethingIsDue() async throws {
        try await withFixture { fixture in
            let scene = try await SweeperScene(fixture)
            #expect(await scene.sweeper.look().isEmpty)
            try await scene.begin(2, deadline: "1 hour")
            // Neither what is not due yet nor what is another's.
            try await scene.database.query("UPDATE sagas SET next_attempt_at = now() + interval '1 hour'")
            #expect(await scene.sweeper.look().isEmpty)
            try await scene.database.query("UPDATE sagas SET next_attempt_at = now(), name = 'other'")
            #expect(await scene.sweeper.look().isEmpty)
            try await scene.database.query("UPDATE sagas SET name = 'test' WHERE subject_id = 1")
            #expect(await scene.sweeper.look() == ["test"])
            let sent = try await scene.sent(.try, atLeast: 1)
            #expect(sent.count == 1)
            #expect(try await scene.number("SELECT count(*) FROM sagas WHERE resends > 0") == 1)
            #expect(await scene.sweeper.look().isEmpty, "its next attempt is later")
        }
    }

    /// While the broker is away nothing is asked again, and nobody is charged for it; deadlines are kept.
    @Test func nothingIsSentAgainWhileTheBrokerIsAway() async throws {
        try await withFixture { fixture in
            let scene = try await SweeperScene(fixture)
            try await scene.begin(20, deadline: "1 hour")
            try await scene.database.query("UPDATE sagas SET deadline_at = now() WHERE subject_id > 10")
            await scene.sweeper.sweep(scene.coordinator, resending: false)
            #expect(try await scene.number("SELECT count(*) FROM sagas WHERE resends > 0") == 0)
            #expect(try await scene.number("SELECT count(*) FROM sagas WHERE phase = 'cancelling'") == 10)
        }
    }
}
