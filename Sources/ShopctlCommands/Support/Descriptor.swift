import Glibc

/// Plain reads and writes of whole texts.
enum Descriptor {
    /// Writes all of it.
    static func write(_ text: String, to descriptor: Int32) throws(OutputFailure) {
        guard !taken.contains(descriptor) else { throw OutputFailure(code: EBADF) }
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                bytes = bytes.dropFirst(count)
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                // Whoever shares the descriptor has made it non-blocking.
                var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&entry, 1, -1)
            case let code: throw OutputFailure(code: code)
            }
        }
    }

    /// Reads to the end.
    ///
    /// - Throws: ``CommandFailure`` of bad data, also for more than `limit` bytes.
    static func readAll(_ descriptor: Int32, limit: Int = 16 << 20) throws -> [UInt8] {
        guard !taken.contains(descriptor) else { throw CommandFailure(.badData, "cannot read: it is closed") }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= limit {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw CommandFailure(.badData, "cannot read: \(String(cString: strerror(errno)))") }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
        throw CommandFailure(.badData, "the input is longer than \(limit >> 20) MiB")
    }

    /// Reads a whole file; `-` is standard input.
    ///
    /// - Parameter limit: The most bytes of a file; standard input has a limit of its own.
    static func readFile(_ path: String, limit: Int = 16 << 20, _ context: CommandContext) throws -> [UInt8] {
        if path == "-" { return try context.standardInput() }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let status: ExitStatus = errno == ENOENT ? .notFound : errno == EACCES ? .notAllowed : .badData
            throw CommandFailure(status, "cannot read \(path): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        return try readAll(descriptor, limit: limit)
    }

    /// The cells of a terminal's lines; nil for what is no terminal, or does not tell.
    static func terminalWidth(_ descriptor: Int32) -> Int? {
        size(descriptor).map { Int($0.ws_col) }.flatMap { $0 > 0 ? $0 : nil }
    }

    /// The lines of a terminal; nil for what is no terminal, or does not tell.
    static func terminalHeight(_ descriptor: Int32) -> Int? {
        size(descriptor).map { Int($0.ws_row) }.flatMap { $0 > 0 ? $0 : nil }
    }

    private static func size(_ descriptor: Int32) -> winsize? {
        var size = winsize()
        return ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 ? size : nil
    }

    /// Standard descriptors that were closed, and whose numbers the runtime has taken for timers and events of its own
    /// before `main`.
    private static let taken = Set((STDIN_FILENO...STDERR_FILENO).filter(isAnonymous))

    private static func isAnonymous(_ descriptor: Int32) -> Bool {
        var target = [CChar](repeating: 0, count: 256)
        let count = readlink("/proc/self/fd/\(descriptor)", &target, target.count)
        return target.prefix(max(0, count)).starts(with: "anon_inode:".utf8.map { CChar(bitPattern: $0) })
    }

    /// Makes the process ready to notice that nobody takes its output: a pipe without a reader is an error and no
    /// signal, and a standard descriptor that is closed stays unusable. A socket that came to have its number would
    /// be sent the output.
    static func prepareStandardOnes() {
        signal(SIGPIPE, SIG_IGN)
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            // The lowest free number is this one. Opened the wrong way round, it fails with EBADF as before.
            _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
        _ = taken
    }
}

/// Result text that could not be written to standard output: it is full, closed, or nobody reads it any more.
struct OutputFailure: Error, Sendable, Equatable {
    /// The system's words, as `errno` has it.
    let code: Int32

    /// Nil for a reader that has gone, as `head` does: it has what it wanted.
    var message: String? {
        code == EPIPE ? nil : "cannot write to standard output: \(String(cString: strerror(code)))"
    }
}
