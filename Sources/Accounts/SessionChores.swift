import Events
import Hosting
public import Postgres

/// The chores of the gateway's housekeeper: it deletes sessions that have ended, networks that nobody signs in from any
/// more, marks of commits that nobody asks for, and old entries of the audit trail.
public enum SessionChores {
    /// Days that a network is remembered after the last sign-in from it.
    static let networkDays = 180

    /// The statements; each is run until it finds nothing more to delete.
    ///
    /// - Parameters:
    ///   - days: How long what has ended is kept, for those who look into what happened.
    ///   - audit: How long the audit trail is kept.
    public static func all(retention days: Int, audit: Duration) -> [PostgresQuery] {
        [
            CommitMark.pruning,
            // least() takes no notice of a null.
            """
            DELETE FROM refresh_token_families WHERE id IN (
                SELECT id FROM refresh_token_families
                WHERE least(expires_at, revoked_at) < now() - make_interval(days => \(Int32(clamping: days)))
                LIMIT 500 FOR UPDATE SKIP LOCKED)
            """,
            """
            DELETE FROM refresh_tokens WHERE id IN (
                SELECT id FROM refresh_tokens
                WHERE expires_at < now() - make_interval(days => \(Int32(clamping: days)))
                LIMIT 1000 FOR UPDATE SKIP LOCKED)
            """,
            """
            DELETE FROM sign_in_networks WHERE (user_id, network) IN (
                SELECT user_id, network FROM sign_in_networks
                WHERE last_at < now() - make_interval(days => \(Int32(clamping: networkDays)))
                LIMIT 1000 FOR UPDATE SKIP LOCKED)
            """,
            AuditTrail.pruning(keeping: audit),
        ]
    }
}
