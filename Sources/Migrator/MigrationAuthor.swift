/// The one who migrates, as the history tells it.
public struct MigrationAuthor: Sendable, Equatable {
    /// The program and its version.
    public let program: String
    /// The user and machine it runs as.
    public let who: String

    /// An author by program and person.
    public init(program: String, who: String) {
        self.program = program
        self.who = who
    }

    /// One that nothing is known of.
    public static let unknown = MigrationAuthor(program: "unknown", who: "unknown")
}
