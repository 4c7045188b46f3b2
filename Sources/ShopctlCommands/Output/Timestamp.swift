import FoundationEssentials
import ShopContracts

/// Times as results show them.
enum Timestamp {
    /// RFC 3339 in UTC with milliseconds.
    static func text(_ date: Date) -> String {
        date.rfc3339
    }

    /// The time that such a text tells; nil for any other text.
    static func date(_ text: String) -> Date? {
        try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    static func value(_ date: Date?) -> OutputValue { .optional(date.map(text)) }

    /// A time by its distance from the present, in one unit: `3 m ago`, `in 2 h`.
    static func ago(_ date: Date, now: Date) -> String {
        let seconds = now.timeIntervalSince(date)
        guard abs(seconds) >= 1 else { return "now" }
        let span = rounded(abs(seconds))
        return seconds < 0 ? "in \(span)" : "\(span) ago"
    }

    /// A time in UTC by the clock, with the day where that is not the present one: `10:50:23.249Z`.
    static func clock(_ date: Date, now: Date) -> String {
        let parts = text(date).split(separator: "T").map(String.init)
        guard parts.count == 2 else { return text(date) }
        return text(now).hasPrefix(parts[0]) ? parts[1] : "\(parts[0]) \(parts[1])"
    }

    /// A span in its largest unit: `40 s`, `3 m`, `2 h`, `5 d`.
    static func rounded(_ seconds: Double) -> String {
        let whole = Int64(min(seconds, 1e15))
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return "\(whole / 60) m" }
        if whole < 86_400 { return "\(whole / 3600) h" }
        return "\(whole / 86_400) d"
    }

    /// A span of time as people read it: `+0.012s`, `+3m12s`, `+2h05m`.
    static func offset(_ date: Date, since start: Date) -> String {
        let seconds = date.timeIntervalSince(start)
        return (seconds < 0 ? "-" : "+") + span(abs(seconds))
    }

    static func span(_ seconds: Double) -> String {
        if seconds < 60 {
            let milliseconds = Int64((seconds * 1000).rounded())
            let fraction = String(milliseconds % 1000)
            return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction)s"
        }
        let whole = Int64(seconds)
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        if whole < 3600 { return "\(whole / 60)m\(two(whole % 60))s" }
        if whole < 86_400 { return "\(whole / 3600)h\(two(whole / 60 % 60))m" }
        return "\(whole / 86_400)d\(two(whole / 3600 % 24))h"
    }
}
