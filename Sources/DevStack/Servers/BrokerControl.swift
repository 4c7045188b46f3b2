import Glibc
import Synchronization

/// Creates and deletes virtual hosts of a stack's broker.
///
/// Speaks to the node through `erl_call`, a small C program: 15 ms a call, where `rabbitmqctl` starts an Erlang
/// machine of its own and takes one to two seconds.
public struct BrokerControl: Sendable {
    private let state: DevStackState
    private let erlCall: String
    private static let calls = Atomic<Int>(0)

    /// - Throws: ``DevStackError/missingPrograms(_:)``
    public init(_ state: DevStackState) throws {
        self.state = state
        erlCall = try Installation.find([.rabbitmq], in: Installation.SearchPath(path: nil)).erlCall
    }

    /// Creates virtual hosts and gives the stack's user all rights in them.
    ///
    /// - Throws: ``DevStackError/invalidName(_:)``, ``DevStackError/toolFailed(program:reason:)``
    public func createVirtualHosts(_ names: [String]) async throws {
        let user = "<<\"\(state.rabbitmq.user)\">>"
        let all = "<<\".*\">>"
        try await evaluate(
            try names.map { name in
                let vhost = "<<\"\(try checkedName(name))\">>"
                return "ok = rabbit_vhost:add(\(vhost), \(user)), "
                    + "ok = rabbit_auth_backend_internal:set_permissions("
                    + "\(user), \(vhost), \(all), \(all), \(all), \(user))"
            }.joined(separator: ", "))
    }

    /// Deletes virtual hosts with all that is in them; connections to them are closed.
    ///
    /// - Throws: ``DevStackError/invalidName(_:)``, ``DevStackError/toolFailed(program:reason:)``
    public func deleteVirtualHosts(_ names: [String]) async throws {
        try await evaluate(
            try names.map { "ok = rabbit_vhost:delete(<<\"\(try checkedName($0))\">>, <<\"\(state.rabbitmq.user)\">>)" }
                .joined(separator: ", "))
    }

    /// Evaluates Erlang expressions on the broker's node; for what AMQP cannot ask, such as setting an alarm.
    ///
    /// - Parameter expressions: separated by commas, without the final dot.
    /// - Returns: the last one's value as Erlang prints it.
    /// - Throws: ``DevStackError/toolFailed(program:reason:)``
    @discardableResult
    public func evaluate(_ expressions: String) async throws -> String {
        let endpoint = state.rabbitmq
        // The cookie is read from the home directory and the expressions from standard input: none is an argument.
        let command = Command(
            // The node knows one connection to a name, and the names that -r makes up meet.
            program: erlCall,
            arguments: [
                "-h", "call_\(getpid())_\(Self.calls.add(1, ordering: .relaxed).newValue)", "-n", endpoint.nodeName,
            ]
                + ["-timeout", "60", "-e"],
            environment: [
                "HOME": endpoint.home, "ERL_EPMD_PORT": "\(endpoint.epmdPort)", "PATH": "/usr/bin:/bin",
                "LC_ALL": "C.UTF-8",
            ], directory: "/")
        let answer = try await command.output(input: expressions + ".\n")
        let value = answer.hasPrefix("{ok, ") && answer.hasSuffix("}") ? String(answer.dropFirst(5).dropLast()) : nil
        guard let value else { throw DevStackError.toolFailed(program: "erl_call", reason: answer) }
        return value
    }
}
