/// One word of a command: its name, a key or a value. Binary-safe.
public enum RedisArgument: Sendable, Hashable {
    case string(String)
    case bytes([UInt8])
    case int(Int64)
}

extension RedisArgument: ExpressibleByStringInterpolation {
    public init(stringLiteral value: String) { self = .string(value) }
}

extension RedisArgument: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: Int64) { self = .int(value) }
}

/// Commands as they go over the wire, one after the other.
struct RedisCommands: Sendable {
    private(set) var bytes: [UInt8] = []
    let count: Int

    init(_ commands: [[RedisArgument]]) {
        count = commands.count
        bytes.reserveCapacity(commands.reduce(0) { $0 + Self.room(for: $1) })
        for words in commands { append(words) }
    }

    /// Takes one command, without an array around it.
    init(one command: [RedisArgument]) {
        count = 1
        bytes.reserveCapacity(Self.room(for: command))
        append(command)
    }

    private static func room(for words: [RedisArgument]) -> Int {
        words.reduce(16) { $0 + $1.byteCount + 16 }
    }

    private mutating func append(_ words: [RedisArgument]) {
        append("*", words.count)
        for word in words {
            append("$", word.byteCount)
            switch word {
            case .string(let string): bytes.append(contentsOf: string.utf8)
            case .bytes(let value): bytes.append(contentsOf: value)
            case .int(let number): bytes.append(contentsOf: number.digits)
            }
            endLine()
        }
    }

    private mutating func append(_ mark: Unicode.Scalar, _ count: Int) {
        bytes.append(UInt8(ascii: mark))
        bytes.append(contentsOf: Int64(count).digits)
        endLine()
    }

    private mutating func endLine() {
        bytes.append(UInt8(ascii: "\r"))
        bytes.append(UInt8(ascii: "\n"))
    }
}

extension RedisArgument {
    fileprivate var byteCount: Int {
        switch self {
        case .string(let string): string.utf8.count
        case .bytes(let value): value.count
        case .int(let number): number.digits.count
        }
    }
}

extension Int64 {
    /// The number as it goes over the wire. Most have one digit, for which nothing is worked out.
    fileprivate var digits: String.UTF8View {
        let isOne = (0..<10).contains(self)
        return (isOne ? String(Unicode.Scalar(UInt8(ascii: "0") + UInt8(self))) : String(self)).utf8
    }
}
