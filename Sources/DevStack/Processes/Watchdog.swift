import Glibc

/// A small shell process that outlives a killed owner just long enough to end its servers.
///
/// It reads a socket whose other end only the owner holds; the kernel closes that when the owner ends, by whatever
/// means. A signal at the parent's death (`PR_SET_PDEATHSIG`) would do less: it comes at the end of the *thread* that
/// forked, it does not reach grandchildren, and it deletes no directory.
struct Watchdog: Sendable {
    private let child: ChildProcess
    private let line: Int32

    static func start(_ context: ServerContext) async throws -> Watchdog {
        var ends: [Int32] = [-1, -1]
        // A pair of sockets rather than a pipe: it can be closed-on-exec from the first moment, and writing to a
        // watchdog that is gone raises no signal.
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw DevStackError.system(operation: "create a pair of sockets", reason: errorText())
        }
        let mode = context.ephemeral ? "ephemeral" : "durable"
        let command = Command(
            program: "/bin/sh",
            arguments: ["-c", script, "shopctl-watchdog", context.marker, mode, context.layout.root],
            environment: context.baseEnvironment, directory: "/")
        do {
            return Watchdog(
                child: try await ChildProcess.start(command, log: "/dev/null", input: ends[0]), line: ends[1])
        } catch {
            close(ends[1])
            throw error
        }
    }

    /// Sends it home: the servers have been stopped.
    func dismiss() async {
        let word = Array("stopped\n".utf8)
        _ = send(line, word, word.count, Int32(MSG_NOSIGNAL))
        close(line)
        if await !child.ended(within: .seconds(5)) { child.send(SIGKILL) }
        await child.ended()
    }

    /// `$1` marker, `$2` ephemeral or durable, `$3` the stack's directory.
    private static let script = #"""
        marker=$1 mode=$2 directory=$3
        unset SHOPCTL_DEV_MARKER
        trap '' HUP INT
        IFS= read -r word && [ "$word" = stopped ] && exit 0

        # Sets `marked` and, of these, `servers`. In no subshell: that would carry the marker and find itself.
        look() {
            marked= servers=
            for file in $(grep -lzsxF "SHOPCTL_DEV_MARKER=$marker" /proc/[0-9]*/environ); do
                pid=${file#/proc/} pid=${pid%/environ} name=
                [ "$pid" = $$ ] && continue
                marked="$marked $pid"
                { read -r name <"/proc/$pid/comm"; } 2>/dev/null
                case $name in postgres | beam.smp | redis-server) servers="$servers $pid" ;; esac
            done
        }
        if [ "$mode" = ephemeral ]; then database=QUIT other=KILL patience=50; else database=INT other=TERM patience=200; fi
        tell() {
            for pid in $servers; do
                kill -s CONT "$pid"
                { read -r name <"/proc/$pid/comm"; } && case $name in
                    postgres) kill -s $database "$pid" ;;
                    *) kill -s $other "$pid" ;;
                esac
            done 2>/dev/null
        }
        look
        while [ $patience -gt 0 ] && [ -n "$servers" ]; do
            # Every second: an Erlang machine that is just starting loses signals.
            [ $((patience % 10)) -ne 0 ] || tell
            sleep 0.1
            patience=$((patience - 1))
            look
        done
        # Until two looks find nobody: what was being forked a moment ago carries no marker until it is its program.
        nobody=0 patience=150
        while [ $patience -gt 0 ] && [ $nobody -lt 2 ]; do
            look
            if [ -z "$marked" ]; then nobody=$((nobody + 1)); else nobody=0; fi
            for pid in $marked; do kill -s KILL "$pid"; done 2>/dev/null
            sleep 0.2
            patience=$((patience - 1))
        done
        if [ "$mode" = ephemeral ]; then rm -rf -- "$directory"; fi
        """#
}
