/// Just enough of SQL's lexical rules to tell statements apart, and their words from comments, strings, quoted names
/// and dollar-quoted bodies.
struct SQLScript {
    /// The statements that say something; an empty one is left out.
    private(set) var statements: [SQLStatement] = []
    /// Comments, in their order.
    private(set) var comments: [SQLComment] = []
    /// Whether the last statement ends with a semicolon.
    private(set) var isTerminated = true

    init(_ text: String) {
        var scanner = SQLScanner(bytes: Array(text.utf8))
        var tokens: [SQLToken] = []
        var lines = LineCounter(bytes: scanner.bytes)
        func end() {
            guard let first = tokens.first, let last = tokens.last else { return }
            let range = first.range.lowerBound..<last.range.upperBound
            statements.append(
                SQLStatement(
                    tokens: tokens, text: String(decoding: scanner.bytes[range], as: UTF8.self),
                    line: lines.line(at: range.lowerBound), range: range))
            tokens = []
        }
        while let item = scanner.next() {
            switch item {
            case .semicolon: end()
            case .comment(let range):
                comments.append(
                    SQLComment(
                        text: String(decoding: scanner.bytes[range], as: UTF8.self),
                        line: lines.line(at: range.lowerBound), position: range.lowerBound))
            case .token(let kind, let range):
                tokens.append(SQLToken(kind: kind, range: range, in: scanner.bytes))
            }
        }
        isTerminated = tokens.isEmpty
        end()
    }

    /// The first statement that begins or ends a transaction, if there is one.
    var transactionControl: String? {
        for words in statements.map(\.leading) {
            switch words.first {
            case "BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT": return words.joined(separator: " ")
            case "PREPARE" where words.last == "TRANSACTION": return words.joined(separator: " ")
            default: continue
            }
        }
        return nil
    }
}

/// One statement of a script.
struct SQLStatement: Equatable {
    let tokens: [SQLToken]
    /// From its first token to its last, without the semicolon.
    let text: String
    /// The line in which it begins, from 1.
    let line: Int
    /// Its place in the script, in bytes.
    let range: Range<Int>

    /// The first words in capitals, two at most.
    var leading: [String] { Array(tokens.lazy.filter { $0.kind == .word }.prefix(2).map(\.text)) }
}

/// A piece of a statement.
struct SQLToken: Equatable {
    enum Kind { case word, name, string, other }

    let kind: Kind
    /// A word in capitals, a quoted name without its quotes, or what stands there.
    let text: String
    /// The text that stands there.
    let source: String
    let range: Range<Int>

    init(kind: Kind, range: Range<Int>, in bytes: [UInt8]) {
        self.kind = kind
        self.range = range
        source = String(decoding: bytes[range], as: UTF8.self)
        switch kind {
        case .word: text = source.uppercased()
        case .name: text = String(source.dropFirst().dropLast())
        case .string, .other: text = source
        }
    }

    /// As the server knows a table or column by it; nil for what names nothing.
    var identifier: String? {
        switch kind {
        case .word: source.lowercased()
        case .name: text
        case .string, .other: nil
        }
    }
}

/// A comment of a script.
struct SQLComment: Equatable {
    /// With its marks.
    let text: String
    let line: Int
    /// Its first byte.
    let position: Int

    /// The words of a comment that begins with `--`.
    var words: [Substring] { text.hasPrefix("--") ? text.dropFirst(2).split(whereSeparator: \.isWhitespace) : [] }
}

/// Tells lines of places that only grow.
private struct LineCounter {
    let bytes: [UInt8]
    private var position = 0
    private var line = 1

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func line(at place: Int) -> Int {
        if place < position { (position, line) = (0, 1) }
        line += bytes[position..<place].count { $0 == UInt8(ascii: "\n") }
        position = place
        return line
    }
}
