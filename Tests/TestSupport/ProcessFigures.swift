import Glibc

/// What this process uses, for tests that look for leaks.
public enum ProcessFigures {
    /// How many descriptors are open, that of the look itself included.
    public static func descriptors() -> Int { names(in: "/proc/self/fd").count }

    /// How many threads have a name that begins like this.
    public static func threads(named prefix: String) -> Int {
        names(in: "/proc/self/task").count { line(of: "/proc/self/task/\($0)/comm").hasPrefix(prefix) }
    }

    /// The memory that is in use, in bytes.
    public static func residentBytes() -> Int {
        let fields = line(of: "/proc/self/statm").split(separator: " ")
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(getpagesize()) : 0
    }

    private static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }

    /// The first line of a file; empty if there is none.
    private static func line(of path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var text = [CChar](repeating: 0, count: 256)
        guard fgets(&text, 256, file) != nil else { return "" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
