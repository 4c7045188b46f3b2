/// Runs commands on a stack's Redis, through `redis-cli`; for owners and tests, such as to change its role.
public struct RedisControl: Sendable {
    private let endpoint: DevStackState.Redis
    private let tool: String

    /// - Throws: ``DevStackError/missingPrograms(_:)``
    public init(_ state: DevStackState) throws {
        endpoint = state.redis
        tool = try Installation.find([.redis], in: Installation.SearchPath(path: nil)).redisTool
    }

    /// Runs a command and returns its answer's lines.
    ///
    /// - Parameter words: the command; no secret, since other processes can see them.
    /// - Throws: ``DevStackError/toolFailed(program:reason:)``, also for an error that Redis answers.
    @discardableResult
    public func execute(_ words: String...) async throws -> [String] {
        let command = Command(
            program: tool, arguments: ["-h", endpoint.host, "-p", "\(endpoint.port)", "-e"] + words,
            environment: ["REDISCLI_AUTH": endpoint.password, "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"],
            directory: "/")
        return try await command.output().split(whereSeparator: \.isNewline).map(String.init)
    }
}
