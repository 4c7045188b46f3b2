import Migrator
import Postgres
import TestSupport
import Testing

/// Sagas that are under way when votes move into their rows, and back.
@Suite struct VotesMigrationTests {
    private static let saga = "c1b1ac0e-7b51-4a52-8a9e-93a7f2a3a001"

    /// Undecided: one has accepted, one has refused and reported, one has said nothing.
    private static let undecided = """
        INSERT INTO sagas (id, name, subject_id, phase, payload, deadline_at, next_attempt_at)
        VALUES ('\(saga)', 'order-placement', 7, 'trying', '{}', now(), now());
        INSERT INTO saga_participants (
            saga_id, participant, vote, vote_refusal, vote_message_id, voted_at, done_message_id, done_at)
        VALUES ('\(saga)', 'products', 'accepted', NULL, gen_random_uuid(), now(), NULL, NULL),
            ('\(saga)', 'customers', 'refused', '{"code": "x", "message": "y"}', gen_random_uuid(), now(),
                gen_random_uuid(), clock_timestamp()),
            ('\(saga)', 'auditors', NULL, NULL, NULL, NULL, NULL, NULL);
        """

    @Test("What was said in a saga is carried over and back", arguments: [("orders", Int64(10)), ("products", 12)])
    func openSagas(role: String, version: Int64) async throws {
        try await withMigrations(try MigrationSet.for(role)) { scene in
            func said() async throws -> [String] {
                try await scene.client.query(
                    """
                    SELECT concat_ws('|', saga_id, participant, vote, vote_refusal, vote_message_id, voted_at,
                        done_message_id, done_at)
                    FROM saga_participants ORDER BY participant
                    """
                ).decode((String).self)
            }
            _ = try await scene.runner.up(to: version - 1)
            try await scene.execute(Self.undecided)
            let before = try await said()
            #expect(before.count == 3)
            _ = try await scene.runner.up(to: version)
            #expect(try await said() == before)
            let parts = try await scene.client.query("SELECT participants ->> 'auditors' FROM sagas")
            #expect(try parts.decode((String).self) == ["{}"])
            _ = try await scene.runner.down(steps: 1)
            #expect(try await said() == before)
        }
    }

    @Test("A process of the version before writes as it did", arguments: [("orders", Int64(10)), ("products", 12)])
    func versionBefore(role: String, version: Int64) async throws {
        try await withMigrations(try MigrationSet.for(role)) { scene in
            _ = try await scene.runner.up(to: version)
            try await scene.execute(
                """
                INSERT INTO sagas (id, name, subject_id, phase, payload, deadline_at, next_attempt_at)
                VALUES ('\(Self.saga)', 'order-placement', 7, 'trying', '{}', now(), now());
                INSERT INTO saga_participants (saga_id, participant)
                SELECT '\(Self.saga)', participant FROM unnest('{products,customers}'::text[]) AS p (participant);
                UPDATE saga_participants p SET vote = c.vote, voted_at = coalesce(p.voted_at, clock_timestamp()),
                    done_at = CASE WHEN c.done THEN coalesce(p.done_at, clock_timestamp()) END
                FROM unnest(
                    '{\(Self.saga),\(Self.saga)}'::uuid[], '{products,customers}'::text[], '{accepted,refused}'::text[],
                    '{false,true}'::boolean[]
                ) AS c (saga_id, participant, vote, done)
                WHERE p.saga_id = c.saga_id AND p.participant = c.participant;
                """)
            let rows = try await scene.client.query(
                """
                SELECT participant || ' ' || vote || ' ' || (done_at IS NOT NULL)::text FROM saga_participants
                ORDER BY participant
                """)
            #expect(try rows.decode((String).self) == ["customers refused true", "products accepted false"])
        }
    }
}
