/// The first words on a connection: authenticates, selects the database, and asks whether the server can be written and
/// for a sign of life, since a stopped server accepts connections too.
final class Greeting {
    let connection: RedisConnection
    /// The commands that are still to be answered.
    private var commands: ArraySlice<String>

    init(_ connection: RedisConnection, _ configuration: RedisConfiguration) throws(RedisError) {
        self.connection = connection
        var words: [[RedisArgument]] = []
        if let password = configuration.password {
            words.append(["AUTH"] + (configuration.user.map { [.string($0)] } ?? []) + [.string(password)])
        }
        if configuration.database != 0 { words.append(["SELECT", .int(Int64(configuration.database))]) }
        words += [["ROLE"], ["PING"]]
        commands = words.map { if case .string(let name)? = $0.first { name } else { "" } }[...]
        try connection.append(RedisCommands(words))
        try connection.flush()
    }

    /// Takes the answers that have come; true when all have.
    ///
    /// - Parameter heard: Told of every error the server answers with.
    /// - Throws: `RedisError` of kind `unavailable` for a server that refuses or is a replica.
    func isDone(heard: (String) -> Void) throws(RedisError) -> Bool {
        while let command = commands.first, let reply = try connection.nextReply() {
            commands.removeFirst()
            if command == "ROLE" {
                // Who may not ask, or asks a server that does not know the command, takes the server as it is.
                if reply.arrayValue?.first?.stringValue == "slave" {
                    throw RedisError(kind: .unavailable, message: "it is a replica, which cannot be written")
                }
            } else if case .error(let text) = reply {
                heard(text)
                throw RedisError(
                    kind: .unavailable, message: "\(command) was refused: \(text)",
                    refusal: RedisError.code(of: text))
            }
        }
        return commands.isEmpty
    }
}
