import Glibc
import Telemetry

/// The memory in which the program's own file is mapped: its code and constants.
enum ProgramPages {
    /// Gives the memory back. What is used again is mapped again, from the system's cache of the files.
    ///
    /// A start uses most of a program once, if only to look through what types there are, and with each page that it uses
    /// the kernel maps those beside it.
    static func release() {
        guard let program = realpath("/proc/self/exe", nil) else { return }
        defer { free(program) }
        for range in unchanged(in: ProcFile.text("/proc/self/smaps"), of: String(cString: program)) {
            madvise(UnsafeMutableRawPointer(bitPattern: range.lowerBound), range.count, MADV_DONTNEED)
        }
    }

    /// The addresses of a file's mappings that cannot be written, and in which no page is a changed copy: the constants
    /// that are adjusted at the start have some, as has code with a debugger's breakpoints.
    ///
    /// - Parameters:
    ///   - smaps: As in proc(5).
    ///   - path: The program's; nobody takes its mappings away while it runs.
    static func unchanged(in smaps: String, of path: String) -> [Range<UInt>] {
        var found: [Range<UInt>] = []
        /// Those whose fields are being read.
        var current: Range<UInt>?
        for line in smaps.split(separator: "\n") {
            let words = line.split(separator: " ", omittingEmptySubsequences: true)
            guard words.count > 1 else { continue }
            if words[0].hasSuffix(":") {
                if words[0] == "Anonymous:" || words[0] == "Swap:", words[1] != "0" { current = nil }
                continue
            }
            if let current { found.append(current) }
            current = mapping(words, of: path)
        }
        if let current { found.append(current) }
        return found
    }

    /// The addresses in a mapping's first line; nil unless it is of the file and only read.
    private static func mapping(_ words: [Substring], of path: String) -> Range<UInt>? {
        // Addresses, permissions, offset, device, inode, path.
        guard words.count > 5, !words[1].contains("w"), words[5...].joined(separator: " ") == path else { return nil }
        let ends = words[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
        guard ends.count == 2, ends[0] < ends[1] else { return nil }
        return ends[0]..<ends[1]
    }
}
