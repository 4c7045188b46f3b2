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

/// A command as hiredis wants it: all words in one run of bytes, and how long each is.
struct RedisCommand: Sendable {
    private(set) var bytes: [UInt8] = []
    private(set) var lengths: [Int] = []

    init(_ words: [RedisArgument]) {
        lengths.reserveCapacity(words.count)
        for word in words {
            let start = bytes.count
            switch word {
            case .string(let string): bytes.append(contentsOf: string.utf8)
            case .bytes(let value): bytes.append(contentsOf: value)
            case .int(let number): bytes.append(contentsOf: String(number).utf8)
            }
            lengths.append(bytes.count - start)
        }
    }
}
