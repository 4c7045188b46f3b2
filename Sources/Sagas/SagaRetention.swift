public import Postgres

/// The statements that forget sagas which are long over; each deletes a bounded number of rows.
///
/// A branch is the barrier that keeps a message from taking effect twice. It goes only when nothing of its saga has
/// been heard for the whole time; and a `try` that is older than half of it is refused (``ParticipantHandler``), so
/// that none can begin anew what was forgotten.
public enum SagaRetention {
    /// Forgets a coordinator's sagas, with participants and log.
    ///
    /// - Parameter age: How long ago a saga must have ended.
    public static func coordinatorPruning(keeping age: Duration) -> PostgresQuery {
        """
        DELETE FROM sagas WHERE id IN (
            SELECT id FROM sagas
            WHERE started_at < now() - make_interval(secs => \(age.inSeconds))
                AND finished_at < now() - make_interval(secs => \(age.inSeconds))
            ORDER BY started_at LIMIT 1000)
        """
    }

    /// Forgets a participant's branches. Those that wait for a decision are kept, however old they are.
    ///
    /// - Parameter age: How long nothing must have been heard of the saga.
    public static func participantPruning(keeping age: Duration) -> PostgresQuery {
        """
        DELETE FROM saga_branches b
        USING (
            SELECT saga_id, participant FROM saga_branches
            WHERE created_at < now() - make_interval(secs => \(age.inSeconds))
                AND updated_at < now() - make_interval(secs => \(age.inSeconds))
                AND state IN ('refused', 'confirmed', 'cancelled')
            ORDER BY created_at LIMIT 5000
        ) expired
        WHERE b.saga_id = expired.saga_id AND b.participant = expired.participant
            AND b.updated_at < now() - make_interval(secs => \(age.inSeconds))
        """
    }
}
