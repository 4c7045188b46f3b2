import Glibc
import Hosting

/// The way into the commands from the executable.
public enum EntryPoint {
    /// Runs the command line of this process and ends it.
    public static func main() async -> Never {
        Descriptor.prepareStandardOnes()
        // As the system hands them over: the library's own texts have lost what is not UTF-8.
        let words = UnsafeBufferPointer(start: CommandLine.unsafeArgv, count: Int(CommandLine.argc)).dropFirst()
            .compactMap { $0.map { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) } }
        let status = await Invocation.run(words, .process)
        ProcessEnd.now(status.rawValue)
    }
}
