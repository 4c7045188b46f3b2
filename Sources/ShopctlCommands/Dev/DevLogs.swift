public import ArgumentParser
public import DevStack
import Glibc

extension ServerKind: ExpressibleByArgument {}

extension DevCommand {
    /// `shopctl dev logs`
    struct DevLogs: ShopctlCommand {
        static let configuration = CommandConfiguration(
            commandName: "logs",
            abstract: "Print the logs of a private shop's servers.",
            discussion: """
                The shop's own log is what 'dev up' writes to its standard error.

                EXAMPLES:
                  shopctl dev logs
                  shopctl dev logs rabbitmq --lines 100
                  shopctl dev logs --follow
                """)

        @Argument(help: ArgumentHelp("Only of these.", valueName: "server"))
        var servers: [ServerKind] = []
        @Flag(name: [.customShort("f"), .long], help: "Go on printing what is added, until stopped.")
        var follow = false
        @Option(
            name: [.customShort("n"), .long],
            help: ArgumentHelp("How many of the last lines of each.", valueName: "count"))
        var lines = 20
        @OptionGroup var stack: StackOption

        func validate() throws {
            guard (0...1_000_000).contains(lines) else { throw ValidationError("--lines must be 0 to 1000000") }
        }

        func run(_ context: CommandContext) async throws {
            let directory = try stack.directory(context)
            let logs = DevStack.logs(directory: directory)
            var tails = ServerKind.allCases
                .filter { servers.isEmpty || servers.contains($0) }
                .compactMap { kind in logs[kind].map { LogTail(name: kind.rawValue, path: $0) } }
            guard !tails.isEmpty else { throw CommandFailure(.notFound, "there are no logs in \(directory)") }
            for index in tails.indices { try tails[index].printLast(lines, context) }
            while follow {
                try await Task.sleep(for: .milliseconds(200))
                for index in tails.indices { try tails[index].printNew(context) }
            }
        }
    }
}

/// The end of a log file that is being written.
struct LogTail {
    /// As much of the end of a file as is looked through for its last lines.
    private static let window = 4 << 20

    let name: String
    let path: String
    private var offset: off_t = 0
    /// A line whose end has not been written yet.
    private var rest: [UInt8] = []

    init(name: String, path: String) {
        self.name = name
        self.path = path
    }

    mutating func printLast(_ count: Int, _ context: CommandContext) throws {
        var status = stat()
        guard stat(path, &status) == 0 else { return }
        offset = max(0, status.st_size - off_t(Self.window))
        let lines = newLines()
        for line in lines.suffix(count) { try show(line, context) }
    }

    mutating func printNew(_ context: CommandContext) throws {
        for line in newLines() { try show(line, context) }
    }

    private func show(_ line: String, _ context: CommandContext) throws {
        try context.print("\(name.padded(to: 8)) | \(Printable.line(line))")
    }

    /// Whole lines that have been written since the last look.
    private mutating func newLines() -> [String] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = pread(descriptor, &chunk, chunk.count, offset)
            guard count > 0 else { break }
            rest += chunk[..<count]
            offset += off_t(count)
        }
        var parts = rest.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        rest = Array(parts.popLast() ?? [])
        return parts.map { String(decoding: $0, as: UTF8.self) }
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
