public import Logging

/// Tells of keys that anybody writes or deletes in Redis, as the server itself reports it (`CLIENT TRACKING`, in the mode
/// that broadcasts): for copies that are kept in this process.
///
/// A thread of its own owns the connection, which does nothing else, and connects again by itself. Between
/// ``Event/began`` and ``Event/ended`` nothing is missed; outside of that no copy may be kept.
public final class RedisKeyWatch: Sendable {
    /// The events that are told.
    public enum Event: Sendable, Equatable {
        /// Whatever changes from now on is told.
        case began
        /// These keys, named without the configuration's prefix, have changed, or are gone.
        case changed([String])
        /// Any key may have changed.
        case everything
        /// The connection is lost: changes are no longer told.
        case ended
    }

    private let mailbox = RedisMailbox()

    /// Begins to connect.
    ///
    /// - Parameters:
    ///   - configuration: The server, and what every key begins with.
    ///   - prefixes: What the keys that are told begin with behind that; none is the beginning of another.
    ///   - tell: Called on the thread of the connection, in order; must not block.
    public init(
        configuration: RedisConfiguration, prefixes: [String], logger: Logger,
        tell: @escaping @Sendable (Event) -> Void
    ) {
        do throws(RedisError) {
            try mailbox.start { [mailbox] in
                KeyWatchLoop(configuration, prefixes: prefixes, mailbox: mailbox, logger: logger, tell: tell).run()
            }
        } catch {
            logger.error(
                "changes in redis are not watched, so that nothing is kept here until the next start",
                metadata: ["server": "\(configuration.redacted)", "error": "\(error.message)"])
        }
    }

    deinit { mailbox.shutDown() }

    /// Closes the connection and ends the thread; returns when that is done.
    public func close() async {
        await mailbox.close()
    }
}
