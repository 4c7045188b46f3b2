extension PostgresQuery {
    /// Has the commit of its transaction wait neither for the disk nor for a standby: a crash of the server loses the
    /// transaction, if it comes within a moment after. Only for what is then done again by itself.
    ///
    /// At the head of a batch that is a transaction of its own it holds for that batch.
    public static let commitWithoutWaiting: PostgresQuery = "SELECT set_config('synchronous_commit', 'off', true)"
}
