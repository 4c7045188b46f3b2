import Postgres

/// The housekeeping of `reservations`.
enum ReservationStore {
    /// Forgets what settled orders took, once their branches are forgotten: a reservation outlives its barrier.
    static func pruning(keeping age: Duration) -> PostgresQuery {
        """
        DELETE FROM reservations r
        USING (
            SELECT saga_id, product_id FROM reservations o
            WHERE created_at < now() - make_interval(secs => \(Double(age.components.seconds))) AND state <> 'reserved'
                AND NOT EXISTS (SELECT FROM saga_branches b WHERE b.saga_id = o.saga_id)
            ORDER BY created_at LIMIT 5000
        ) expired
        WHERE r.saga_id = expired.saga_id AND r.product_id = expired.product_id
        """
    }
}
