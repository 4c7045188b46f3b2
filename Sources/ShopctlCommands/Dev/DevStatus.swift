import ArgumentParser
import DevStack

extension DevCommand {
    /// `shopctl dev status`
    struct DevStatus: ReportingCommand {
        static let configuration = CommandConfiguration(
            commandName: "status",
            abstract: "Show whether a private shop runs, and where.",
            discussion: """
                Asks every server in its own protocol. With --check it answers by its exit status: 0 if everything \
                runs, 2 if not.

                EXAMPLES:
                  shopctl dev status
                  shopctl dev status -o json | jq -r .services.gateway
                  until shopctl dev status --check >/dev/null; do sleep 1; done
                """)

        @OptionGroup var stack: StackOption
        @Flag(help: "Exit with 2 unless everything runs.")
        var check = false
        @OptionGroup var output: OutputOptions

        func run(_ context: CommandContext) async throws {
            let directory = try stack.directory(context)
            let status: DevStackStatus
            do {
                status = try await DevStack.status(directory: directory)
            } catch DevStackError.noStack where check {
                throw CommandFailure(.no, "there is no private shop on \(directory)")
            }
            try output.write(StackStatus(status: status), context)
            if check, !status.isHealthy { throw CommandFailure(.no) }
        }
    }
}

/// A private stack as results show it.
struct StackStatus: Report {
    let status: DevStackStatus

    var body: ReportBody {
        var services = OutputRecord()
        for (name, url) in status.services.sorted(by: { $0.key < $1.key }) {
            services.members.append(.init(name: name, value: .text(url)))
        }
        return .one([
            "directory": .text(status.directory),
            "ephemeral": .bool(status.ephemeral),
            "phase": .text(status.phase.rawValue),
            "healthy": .bool(status.isHealthy),
            "pid": .optional(status.ownerPID.map { Int64($0) }),
            "started_at": .text(Timestamp.text(status.startedAt)),
            "servers": .records(
                status.servers.map { server in
                    [
                        "server": .text(server.server.rawValue),
                        "host": .text(server.host),
                        "port": .count(server.port),
                        "reachable": .bool(server.reachable),
                        "log": .text(server.log),
                    ]
                }),
            "services": .record(services),
        ])
    }

    func table(_ style: TextStyle) -> String {
        let phase =
            status.isHealthy ? style.apply(.green, status.phase.rawValue) : style.apply(.yellow, status.phase.rawValue)
        var text = "\(style.bold(status.directory))  \(phase)"
        if let pid = status.ownerPID {
            text += "  process \(pid), \(style.tellsSpans ? "started" : "since") \(style.time(status.startedAt))"
        }
        var table = Table([.left("WHAT"), .left("WHERE"), .left("STATE")])
        for server in status.servers {
            table.add([
                .plain(server.server.rawValue), .plain("\(server.host):\(server.port)"),
                .styled(server.reachable ? "answers" : "away", server.reachable ? .green : .red),
            ])
        }
        for (name, url) in status.services.sorted(by: { $0.key < $1.key }) { table.add(texts: [name, url, ""]) }
        return text + "\n" + table.text(style)
    }
}
