import DevStack
import Dispatch
import Glibc
import Logging

/// Owns a stack until it is told to stop; what the tests of DevStack kill, signal and run as another user.
///
/// `devstack-owner [--servers redis,postgres] (--ephemeral | DIRECTORY)` prints `ready DIRECTORY` when the stack is up.
@main
struct Owner {
    static func main() async {
        var options = DevStackOptions()
        var arguments = CommandLine.arguments.dropFirst()
        while let argument = arguments.popFirst() {
            switch argument {
            case "--ephemeral": options.ephemeral = true
            case "--servers":
                let names = arguments.popFirst()?.split(separator: ",") ?? []
                options.servers = Set(names.compactMap { ServerKind(rawValue: String($0)) })
            default: options.dataDirectory = argument
            }
        }
        signal(SIGTERM, SIG_IGN)
        let (terminations, continuation) = AsyncStream<Void>.makeStream()
        let source = DispatchSource.makeSignalSource(signal: SIGTERM)
        source.setEventHandler { @Sendable in continuation.yield() }
        source.resume()
        defer { source.cancel() }
        do {
            let stack = try await DevStack.start(options, logger: Logger(label: "owner")) { say($0) }
            say("ready \(stack.directory)")
            for await _ in terminations { break }
            await stack.stop()
            say("stopped")
        } catch {
            say("failed \(error)")
            exit(1)
        }
    }

    private static func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = write(STDOUT_FILENO, bytes, bytes.count)
    }
}
