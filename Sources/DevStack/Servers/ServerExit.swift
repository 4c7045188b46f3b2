/// A server that ended without having been told to.
public struct ServerExit: Sendable, Equatable {
    /// Which.
    public let server: ServerKind
    /// The way it ended: `exited(1)`, `signaled(9)`.
    public let status: String
    /// Its log file.
    public let log: String
}
