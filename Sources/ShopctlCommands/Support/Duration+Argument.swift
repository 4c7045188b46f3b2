import ArgumentParser

/// A span of time on the command line: `90`, `90s`, `15m`, `12h`, `7d`.
struct SpanArgument: ExpressibleByArgument, Sendable, Equatable {
    let seconds: Int64

    init(seconds: Int64) {
        self.seconds = seconds
    }

    init?(argument: String) {
        var digits = argument[...]
        var unit: Int64 = 1
        switch argument.last {
        case "s": digits = digits.dropLast()
        case "m": (digits, unit) = (digits.dropLast(), 60)
        case "h": (digits, unit) = (digits.dropLast(), 3600)
        case "d": (digits, unit) = (digits.dropLast(), 86_400)
        default: break
        }
        guard digits.utf8.allSatisfy({ (48...57).contains($0) }), let count = Int64(digits), count <= 1_000_000 else {
            return nil
        }
        seconds = count * unit
    }

    var duration: Duration { .seconds(seconds) }
    var defaultValueDescription: String {
        seconds % 60 == 0 && seconds > 0 ? "\(seconds / 60)m" : "\(seconds)s"
    }
}
