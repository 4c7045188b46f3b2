/// Limits of a WebSocket, and the times for which it is waited for.
public struct WebSocketOptions: Sendable {
    /// The interval at which the client is asked whether it is still there.
    public var pingInterval: Duration = .seconds(20)
    /// The time it may take to answer.
    public var pongDeadline: Duration = .seconds(20)
    /// The time nothing at all may be taken by a client that there is something for.
    public var writeDeadline: Duration = .seconds(15)
    /// The time the closing handshake, and then the end of the connection, are waited for.
    public var closeDeadline: Duration = .seconds(3)
    /// Bytes that wait for a client before no more are fetched for it.
    public var queueBytes = 256 << 10
    /// Messages that wait for a client before no more are fetched for it.
    public var queueMessages = 256
    /// The longest message that is taken from a client, in bytes.
    public var messageLimit = 64 << 10
    /// Frames that a client may send at once; one of more than ``frameUnit`` bytes counts for several.
    public var frameBurst = 60
    /// Frames a second that it may send on average. It has nothing to say but that it is there.
    public var framesPerSecond = 10
    /// Bytes that count as one frame.
    public var frameUnit = 4096
    /// Sessions that a user may have open with one process; a further one ends the oldest.
    public var sessionsPerUser = 10
    /// Sessions that a process may have open.
    public var sessions = 10_000

    /// The usual ones.
    public init() {}
}
