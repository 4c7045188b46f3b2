/// The reason why a PostgreSQL URL was refused. Never holds any part of the URL: it may contain a password.
public struct PostgresConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    public let reason: String

    init(_ reason: String) {
        self.reason = reason
    }

    public var description: String { "PostgreSQL URL: \(reason)" }
}
