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
        let units: [(length: Int64, name: String)] = [(86_400, "d"), (3600, "h"), (60, "m")]
        let unit = units.first { seconds > 0 && seconds % $0.length == 0 } ?? (1, "s")
        return "\(seconds / unit.length)\(unit.name)"
    }
}

/// The span of an option whose value may be left out: any text, which the command judges.
///
/// The parser takes its default, and drops the value, where it cannot read one.
struct OptionalSpanArgument: ExpressibleByArgument, Sendable, Equatable {
    let text: String

    init(argument: String) { text = argument }

    /// The span; nil if the text is none.
    var span: SpanArgument? { SpanArgument(argument: text) }

    var defaultValueDescription: String { text }

    /// Passes if the text is a span of at most `limit` seconds.
    func check(_ option: String, limit: Int64) throws {
        guard let span else {
            throw ValidationError("the value '\(text)' of \(option) is no span of time: 30, 90s or 5m")
        }
        guard span.seconds <= limit else {
            throw ValidationError("\(option) must be \(SpanArgument(seconds: limit).defaultValueDescription) at most")
        }
    }
}

// The parser's help shows some defaults by their descriptions.
extension SpanArgument: CustomStringConvertible {
    var description: String { defaultValueDescription }
}

extension OptionalSpanArgument: CustomStringConvertible {
    var description: String { text }
}
