import Glibc
import Telemetry

/// The way into the commands from the executable.
public enum EntryPoint {
    /// Runs the command line of this process and ends it.
    public static func main() async -> Never {
        Descriptor.prepareStandardOnes()
        let status = await Invocation.run(Array(CommandLine.arguments.dropFirst()), .process)
        Telemetry.flushLogs()
        exit(status.rawValue)
    }
}
