import CLinux
import Glibc

/// What a process uses, for tests that look for leaks and limits.
public enum ProcessFigures {
    /// The number of open descriptors, that of the look itself included.
    ///
    /// Timers are left out: they are the runtime's alone, which opens one at the first sleep by a clock, and keeps it.
    public static func descriptors() -> Int {
        names(in: "/proc/self/fd").count { target(of: "/proc/self/fd/\($0)") != "anon_inode:[timerfd]" }
    }

    /// The number of open descriptors of another process, its timers included.
    public static func descriptors(of process: String) -> Int { names(in: "/proc/\(process)/fd").count }

    /// How many threads have a name that begins like this.
    public static func threads(named prefix: String) -> Int {
        names(in: "/proc/self/task").count { line(of: "/proc/self/task/\($0)/comm").hasPrefix(prefix) }
    }

    /// The memory that has been allocated and not freed, in bytes.
    ///
    /// Not what is resident: threads that come and go leave the allocator with more arenas, each with room that it keeps,
    /// as much as there have been threads at a time.
    public static func allocatedBytes() -> Int { linux_allocated_bytes() }

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

    /// The target of a symbolic link; empty if it is gone.
    private static func target(of path: String) -> String {
        var text = [UInt8](repeating: 0, count: 256)
        let count = text.withUnsafeMutableBytes { buffer in
            buffer.withMemoryRebound(to: CChar.self) { readlink(path, $0.baseAddress!, $0.count) }
        }
        return String(decoding: text.prefix(max(0, count)), as: UTF8.self)
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
