import Glibc
import Synchronization

/// Reads texts for settings whole, from files and from pipes, as of a shell's `<(...)`.
enum SettingFile {
    /// More than any settings need.
    private static let limit = 1 << 20

    /// A text that cannot be had; the reason never shows what is in the file.
    struct Failure: Error {
        let reason: String
    }

    /// The longest time that the writer of a pipe may take in all.
    private static let patience = Duration.seconds(30)

    /// Linux's `O_PATH`, which the C library's module leaves out.
    private static let pathOnly: Int32 = 0o10_000_000

    /// The bytes that were read from pipes, by device and number: they give it once only, and settings may be read
    /// again.
    ///
    /// Each is held open, without being a reader of it: else its number could be given to another.
    private static let pipes = Mutex<[String: [UInt8]]>([:])

    /// Reads the text, without the byte order mark that some editors put first.
    ///
    /// - Parameter patience: The longest time that the writer of a pipe may take in all.
    static func read(_ path: String, patience: Duration = Self.patience) throws(Failure) -> String {
        var bytes = try contents(path, until: .now + patience, patience)[...]
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Failure(reason: "it is not UTF-8 text") }
        guard !text.utf8.contains(0) else { throw Failure(reason: "it has a NUL character in it") }
        return text
    }

    /// Reads a text of one line, without blanks around it.
    static func readLine(_ path: String) throws(Failure) -> String {
        let lines = try read(path).split(whereSeparator: \.isNewline).map(trimmed).filter { !$0.isEmpty }
        guard let line = lines.first else { throw Failure(reason: "it is empty") }
        guard lines.count == 1 else { throw Failure(reason: "it has more than one line") }
        return line
    }

    private static func trimmed(_ text: Substring) -> String {
        let start = text.drop(while: \.isWhitespace)
        return String(start[..<(start.lastIndex { !$0.isWhitespace }.map(start.index(after:)) ?? start.startIndex)])
    }

    private static func contents(
        _ path: String, until end: ContinuousClock.Instant, _ patience: Duration
    ) throws(Failure) -> [UInt8] {
        // Else a named pipe would have to be opened by a writer first, however long that takes.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Failure(reason: reason(errno)) }
        defer { close(descriptor) }
        guard let status = FileStatus(of: descriptor) else { throw Failure(reason: reason(errno)) }
        let identity = status.identity
        if !status.isFile, let seen = pipes.withLock({ $0[identity] }) { return seen }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            if !status.isFile, !waitForInput(descriptor, until: end) {
                throw Failure(reason: "it is a pipe, and its writer has not ended within \(patience)")
            }
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count >= 0 else { throw Failure(reason: reason(errno)) }
            if count == 0 { break }
            bytes += chunk[..<count]
            guard bytes.count <= limit else { throw Failure(reason: "it is longer than \(limit >> 20) MiB") }
        }
        if !status.isFile {
            guard open("/proc/self/fd/\(descriptor)", Self.pathOnly | O_CLOEXEC) >= 0 else {
                throw Failure(reason: reason(errno))
            }
            let all = bytes
            pipes.withLock { $0[identity] = all }
        }
        return bytes
    }

    /// Whether there is something to read, or nothing any more, before the time is over.
    private static func waitForInput(_ descriptor: Int32, until end: ContinuousClock.Instant) -> Bool {
        while true {
            let left = max(.zero, end - .now) / .milliseconds(1)
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let count = poll(&entry, 1, Int32(left.rounded(.up)))
            if count > 0 { return true }
            if count == 0 || errno != EINTR { return false }
        }
    }

    private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
