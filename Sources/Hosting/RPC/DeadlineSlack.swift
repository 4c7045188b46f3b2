/// The time by which, earlier than its caller, the server of a call gives it up.
///
/// A server that answers at the deadline costs nothing; a caller that gives up resets the call's stream, and HTTP/2's
/// libraries close a connection with all calls on it after 200 resets in a short time. So the server is told a shorter
/// time, and a caller gives up by itself only where no answer comes: a frozen or vanished server.
struct DeadlineSlack: Sendable {
    /// The time when the caller of the running call gives it up, if its server is another process.
    @TaskLocal static var deadline: ContinuousClock.Instant?

    /// The most that the server has less.
    var longest = Duration.seconds(1)
    /// The largest part of the time that is left.
    var part = 0.25

    /// The time the server of a call may take whose caller gives it up in that time.
    func serversShare(of left: Duration) -> Duration {
        left - min(longest, left * part)
    }
}
