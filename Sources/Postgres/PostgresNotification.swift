/// A notification that a listener hears.
public enum PostgresNotification: Sendable, Hashable {
    /// Somebody ran `NOTIFY channel, 'payload'`.
    case message(channel: String, payload: String)
    /// Listening has just begun, or began again after the connection was lost, or notifications came faster than
    /// they were read: some may have been missed, so look at the data itself.
    case resynchronise
}
