import Glibc

/// The kernel's knowledge of this process, under the names every Prometheus client uses.
///
/// `/proc` is memory, not a disk: reading it blocks nobody.
enum ProcessMetrics {
    static func render() -> String {
        var text = ""
        if let statistics = Statistics(ofProcess: ProcFile.text("/proc/self/stat")) {
            append(
                "process_cpu_seconds_total", .counter, "User and system CPU time spent, in seconds.",
                statistics.cpuSeconds, to: &text)
            append(
                "process_resident_memory_bytes", .gauge, "Resident memory, in bytes.",
                statistics.residentBytes, to: &text)
            append(
                "process_virtual_memory_bytes", .gauge, "Virtual memory, in bytes.",
                statistics.virtualBytes, to: &text)
            append("process_threads", .gauge, "Threads of the process.", statistics.threads, to: &text)
            if let boot = bootTime(ProcFile.text("/proc/stat")) {
                append(
                    "process_start_time_seconds", .gauge, "Start of the process, in seconds since the Unix epoch.",
                    boot + statistics.startSecondsAfterBoot, to: &text)
            }
        }
        if let open = openDescriptors() {
            append("process_open_fds", .gauge, "Open file descriptors.", Double(open), to: &text)
        }
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            append("process_max_fds", .gauge, "Limit of open file descriptors.", Double(limit.rlim_cur), to: &text)
        }
        return text
    }

    /// The fields of `/proc/PID/stat` that matter here, in base units.
    struct Statistics {
        var cpuSeconds: Double
        var residentBytes: Double
        var virtualBytes: Double
        var threads: Double
        var startSecondsAfterBoot: Double

        init?(ofProcess text: String) {
            // The second field is the program's name in parentheses and may hold anything, spaces too.
            guard let name = text.lastIndex(of: ")") else { return nil }
            let fields = text[text.index(after: name)...].split(separator: " ")
            // Numbered from 1 in proc(5); the first one here is the third.
            func field(_ number: Int) -> Double? {
                number - 3 < fields.count ? Double(fields[number - 3]) : nil
            }
            guard let user = field(14), let system = field(15), let threads = field(20), let start = field(22),
                let virtual = field(23), let resident = field(24)
            else { return nil }
            let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
            cpuSeconds = (user + system) / ticks
            residentBytes = resident * Double(sysconf(Int32(_SC_PAGESIZE)))
            virtualBytes = virtual
            self.threads = threads
            startSecondsAfterBoot = start / ticks
        }
    }

    static func bootTime(_ text: String) -> Double? {
        for line in text.split(separator: "\n") where line.hasPrefix("btime ") {
            return Double(line.dropFirst("btime ".count))
        }
        return nil
    }

    private static func openDescriptors() -> Int? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        // Not counted: ".", ".." and the descriptor of the directory itself.
        return count - 3
    }

    private static func append(
        _ name: String, _ kind: MetricKind, _ help: String, _ value: Double, to text: inout String
    ) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n\(name) \(PrometheusText.number(value))\n"
    }
}
