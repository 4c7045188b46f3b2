import Postgres
import ShopHarness
import TestSupport
import Testing

@testable import Events
@testable import Sagas

/// One saga's trouble is its own: it is put off, and the others of its batch are swept.
@Suite(.serialized) struct SweepTroubleTests {
    @Test func aRowThatCannotBeReadKeepsNoOtherFromItsDeadline() async throws {
        try await withFixture { fixture in
            let scene = try await SweeperScene(fixture)
            // More than a batch, and the one at fault has waited longest.
            try await scene.begin(120, deadline: "0")
            try await scene.database.query(
                """
                UPDATE sagas SET next_attempt_at = now() - interval '1 hour', participants = jsonb_set(
                    participants, '{customers,vote}', '"deferred"') WHERE subject_id = 7
                """)
            await scene.sweeper.sweep(scene.coordinator)
            #expect(try await scene.number("SELECT count(*) FROM sagas WHERE phase = 'cancelling'") == 119)
            try await scene.expectPutOff(7)
        }
    }

    @Test(arguments: ["RAISE 'trouble'", "PERFORM pg_sleep(120)", "PERFORM pg_terminate_backend(pg_backend_pid())"])
    func aSagaThatFailsKeepsNoOtherFromItsDeadline(_ trouble: String) async throws {
        try await withFixture { fixture in
            let scene = try await SweeperScene(fixture)
            try await scene.begin(4, deadline: "0")
            try await scene.letFail(where: "(SELECT subject_id FROM sagas WHERE id = NEW.saga_id) = 2", trouble)
            await scene.sweeper.sweep(scene.coordinator)
            #expect(try await scene.number("SELECT count(*) FROM sagas WHERE phase = 'cancelling'") == 3)
            try await scene.expectPutOff(2)
        }
    }

    @Test func aSagaThatFailsKeepsNoOtherFromBeingSentAgain() async throws {
        try await withFixture { fixture in
            let scene = try await SweeperScene(fixture)
            try await scene.begin(10, deadline: "1 hour")
            try await scene.letFail(
                where: "(SELECT subject_id FROM sagas WHERE id = NEW.saga_id) = 2", "RAISE 'trouble'")
            await scene.sweeper.sweep(scene.coordinator)
            #expect(try await scene.number("SELECT count(*) FROM sagas WHERE resends = 1") == 9)
            try await scene.expectPutOff(2)
        }
    }

    /// What stops all deadlines stops no resend; and nothing is put off for what is no saga's own doing.
    @Test func resendsDoNotWaitForDeadlines() async throws {
        try await withFixture { fixture in
            let scene = try await SweeperScene(fixture)
            try await scene.begin(20, deadline: "1 hour")
            try await scene.database.query("UPDATE sagas SET deadline_at = now() WHERE subject_id > 10")
            try await scene.letFail(where: "NEW.event = 'deadline'", "RAISE 'trouble' USING ERRCODE = '57P03'")
            await scene.sweeper.sweep(scene.coordinator)
            #expect(try await scene.number("SELECT count(*) FROM sagas WHERE phase = 'trying' AND resends = 1") == 10)
            #expect(
                try await scene.number(
                    "SELECT count(*) FROM sagas WHERE subject_id > 10 AND next_attempt_at <= now()") == 10)
        }
    }
}

extension SweeperScene {
    /// Has entries of sagas' logs fail.
    fileprivate func letFail(where condition: String, _ trouble: String) async throws {
        let function = """
            CREATE FUNCTION trouble() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF \(condition) THEN \(trouble); END IF;
                RETURN NEW;
            END $$
            """
        try await database.query(PostgresQuery(unsafeSQL: function))
        try await database.query(
            "CREATE TRIGGER trouble BEFORE INSERT ON saga_log FOR EACH ROW EXECUTE FUNCTION trouble()")
    }

    /// Expects a saga to be as it was but for its next attempt, which comes later.
    fileprivate func expectPutOff(_ subject: Int64) async throws {
        #expect(
            try await number(
                """
                SELECT count(*) FROM sagas
                WHERE subject_id = \(subject) AND phase = 'trying' AND resends = 0 AND next_attempt_at > now()
                """) == 1)
    }
}
