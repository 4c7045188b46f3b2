import Glibc

/// Ends what a dead owner has left: exactly the processes that carry its stack's marker, and their descendants.
enum Reaper {
    /// The ending of a stack's processes.
    enum Manner: Sendable {
        /// Servers may write down what they hold; then the rest is killed.
        case orderly
        /// The data is going to be deleted: only PostgreSQL is asked (to release its shared memory).
        case immediate
    }

    /// Ends all processes of a stack and returns when none is left. Blocks; not for the cooperative pool.
    ///
    /// - Returns: how many processes were found at first.
    @discardableResult
    static func reap(marker: String, manner: Manner) -> Int {
        let family = ProcessTable.family(marker)
        guard !family.isEmpty else { return 0 }
        let known = family.map { ($0, ProcessTable.startTicks($0)) }
        let members = Set(family)

        // The watchdog would do the same work at the same time.
        for pid in family where ProcessTable.command(pid) == "sh" { kill(pid, SIGKILL) }
        let servers = family.compactMap { pid in
            politeSignal(pid, members: members, manner: manner).map { (pid: pid, signal: $0) }
        }
        // Every second: an Erlang machine that is just starting loses signals.
        for _ in 0..<(manner == .orderly ? 20 : 5) {
            let living = servers.filter { ProcessTable.isAlive($0.pid) }
            if living.isEmpty { break }
            for server in living {
                // A paused server cannot act on a signal.
                kill(server.pid, SIGCONT)
                kill(server.pid, server.signal)
            }
            wait(upTo: 1_000) { !living.contains { ProcessTable.isAlive($0.pid) } }
        }

        // Again and again: what was being forked a moment ago carries no marker until it has become its program.
        for _ in 0..<50 {
            let rest =
                ProcessTable.family(marker)
                + known.filter { ProcessTable.isAlive($0.0) && ProcessTable.startTicks($0.0) == $0.1 }.map(\.0)
            if rest.isEmpty { break }
            for pid in rest { kill(pid, SIGKILL) }
            wait(upTo: 1_000) { !rest.contains(where: ProcessTable.isAlive) }
        }
        return family.count
    }

    private static func politeSignal(_ pid: pid_t, members: Set<pid_t>, manner: Manner) -> Int32? {
        switch ProcessTable.command(pid) {
        case "postgres":
            // Backends follow their postmaster.
            if let parent = ProcessTable.parent(of: pid), members.contains(parent),
                ProcessTable.command(parent) == "postgres"
            {
                return nil
            }
            return manner == .orderly ? SIGINT : SIGQUIT
        case "beam.smp", "redis-server":
            return manner == .orderly ? SIGTERM : SIGKILL
        default:
            return nil
        }
    }

    /// Looks every 20 ms: the processes are not our children, so nothing tells us of their end.
    private static func wait(upTo milliseconds: Int, until condition: () -> Bool) {
        for _ in 0..<(milliseconds / 20) {
            if condition() { return }
            usleep(20_000)
        }
    }
}
