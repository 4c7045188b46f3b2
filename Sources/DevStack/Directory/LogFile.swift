import Glibc

/// Looking into a server's log file.
enum LogFile {
    /// The file's size in bytes; 0 if it is not there.
    static func size(_ path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    /// The text that was written from an offset on.
    static func text(_ path: String, from offset: Int) -> String {
        guard let bytes = readSmallFile(path, limit: 64 << 20), offset < bytes.count else { return "" }
        return String(decoding: bytes[offset...], as: UTF8.self)
    }

    /// The last lines of a text.
    static func tail(_ text: String, lines count: Int = 12) -> String {
        text.split(separator: "\n").suffix(count).joined(separator: "\n")
    }

    /// Whether a server says that somebody else has its port.
    static func tellsOfTakenPort(_ text: String) -> Bool {
        let lower = text.lowercased()
        return ["address already in use", "eaddrinuse", "address in use"].contains { lower.contains($0) }
    }
}
