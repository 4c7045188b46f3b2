import Glibc

/// The look of log records on standard error.
public enum LogFormat: String, Sendable, CaseIterable {
    /// Human-readable on a terminal, JSON everywhere else.
    case auto
    /// One JSON object per line.
    case json
    /// One line for human eyes; coloured on a terminal unless `NO_COLOR` is set.
    case human

    /// The format that `auto` comes to for standard error as it is now.
    var resolved: LogStyle {
        switch self {
        case .json: .json
        case .human: .human(coloured: Self.standardErrorTakesColour)
        case .auto: isatty(STDERR_FILENO) == 1 ? .human(coloured: Self.standardErrorTakesColour) : .json
        }
    }

    private static var standardErrorTakesColour: Bool {
        guard isatty(STDERR_FILENO) == 1 else { return false }
        if let noColour = getenv("NO_COLOR"), noColour.pointee != 0 { return false }
        if let terminal = getenv("TERM"), String(cString: terminal) == "dumb" { return false }
        return true
    }
}

/// The layout a log handler writes, after `auto` was decided.
public enum LogStyle: Sendable, Equatable {
    /// One JSON object per line.
    case json
    /// One line for human eyes.
    case human(coloured: Bool)
}
