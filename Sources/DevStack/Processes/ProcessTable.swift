import Glibc

/// Facts that `/proc` tells of processes.
enum ProcessTable {
    /// The ids of all processes.
    static func all() -> [pid_t] { entries(of: "/proc").compactMap { pid_t($0) } }

    /// Processes that were started with this marker in their environment; never the calling one.
    ///
    /// PostgreSQL's backends write over their environment to show a title: they are found as descendants.
    static func marked(_ marker: String) -> [pid_t] {
        let wanted = Array("\(DevStackState.markerVariable)=\(marker)".utf8)
        let own = getpid()
        return all().filter { pid in
            guard pid != own, let environment = readSmallFile("/proc/\(pid)/environ") else { return false }
            return environment.split(separator: 0).contains { $0.elementsEqual(wanted) }
        }
    }

    /// The processes marked, and all their descendants that are alive.
    static func family(_ marker: String) -> [pid_t] { withDescendants(marked(marker)) }

    /// The given processes and all their living descendants.
    static func withDescendants(_ roots: [pid_t]) -> [pid_t] {
        guard !roots.isEmpty else { return [] }
        var children: [pid_t: [pid_t]] = [:]
        for pid in all() {
            if let parent = parent(of: pid) { children[parent, default: []].append(pid) }
        }
        var found = roots
        var seen = Set(roots)
        var index = 0
        while index < found.count {
            for child in children[found[index]] ?? [] where seen.insert(child).inserted { found.append(child) }
            index += 1
        }
        return found
    }

    /// The process's short name (`postgres`, `beam.smp`).
    static func command(_ pid: pid_t) -> String? {
        guard let bytes = readSmallFile("/proc/\(pid)/comm") else { return nil }
        return String(decoding: bytes.prefix { $0 != 10 }, as: UTF8.self)
    }

    static func parent(of pid: pid_t) -> pid_t? { statistic(pid, 1).flatMap { pid_t($0) } }

    /// The time when the process started, in clock ticks since boot; with the id this names a process for good.
    static func startTicks(_ pid: pid_t) -> UInt64? { statistic(pid, 19).flatMap { UInt64($0) } }

    /// Whether the process is there and not merely waiting for its parent to notice that it ended.
    static func isAlive(_ pid: pid_t) -> Bool { statistic(pid, 0).map { $0 != "Z" && $0 != "X" } ?? false }

    /// A field of `/proc/PID/stat`, counted from the state (0), which follows the name in parentheses.
    private static func statistic(_ pid: pid_t, _ index: Int) -> Substring? {
        guard let bytes = readSmallFile("/proc/\(pid)/stat") else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        return index < fields.count ? fields[index] : nil
    }
}
