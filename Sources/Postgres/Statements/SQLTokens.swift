/// The words and marks of a SQL text, without its comments and the insides of its literals.
enum SQLToken: Equatable {
    /// A bare word in small letters: a keyword or a name.
    case word(String)
    /// A name in quotes.
    case quotedName
    /// A string, a number or a parameter.
    case literal
    case mark(UInt8)

    /// Reads a text; what is never closed reaches to the end.
    static func all(in sql: String) -> [SQLToken] {
        var tokens: [SQLToken] = []
        var rest = Array(sql.utf8)[...]
        while let byte = rest.first {
            switch byte {
            case 9...13, 32: rest.removeFirst()
            case UInt8(ascii: "-") where rest.starts(with: "--".utf8):
                rest = rest.drop { $0 != UInt8(ascii: "\n") }
            case UInt8(ascii: "/") where rest.starts(with: "/*".utf8): dropComment(&rest)
            case UInt8(ascii: "'"):
                let isEscaped = tokens.last == .word("e")
                if isEscaped { tokens.removeLast() }
                dropQuoted(&rest, by: byte, escapes: isEscaped)
                tokens.append(.literal)
            case UInt8(ascii: "\""):
                dropQuoted(&rest, by: byte, escapes: false)
                tokens.append(.quotedName)
            case UInt8(ascii: "$"):
                dropDollars(&rest)
                tokens.append(.literal)
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                rest = rest.drop { isWord($0) || $0 == UInt8(ascii: ".") }
                tokens.append(.literal)
            case let byte where isWord(byte):
                let word = rest.prefix(while: isWord)
                rest = rest.dropFirst(word.count)
                tokens.append(.word(String(decoding: word, as: UTF8.self).lowercased()))
            default:
                tokens.append(.mark(byte))
                rest.removeFirst()
            }
        }
        return tokens
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122, 0x80..., UInt8(ascii: "_"), UInt8(ascii: "$"): true
        default: false
        }
    }

    private static func dropComment(_ rest: inout ArraySlice<UInt8>) {
        var depth = 0
        while !rest.isEmpty {
            if rest.starts(with: "/*".utf8) {
                depth += 1
                rest = rest.dropFirst(2)
            } else if rest.starts(with: "*/".utf8) {
                depth -= 1
                rest = rest.dropFirst(2)
                if depth == 0 { return }
            } else {
                rest.removeFirst()
            }
        }
    }

    private static func dropQuoted(_ rest: inout ArraySlice<UInt8>, by quote: UInt8, escapes: Bool) {
        rest.removeFirst()
        while let byte = rest.popFirst() {
            if escapes, byte == UInt8(ascii: "\\") {
                _ = rest.popFirst()
            } else if byte == quote {
                guard rest.first == quote else { return }
                rest.removeFirst()
            }
        }
    }

    /// A parameter's number, or a text between two equal tags.
    private static func dropDollars(_ rest: inout ArraySlice<UInt8>) {
        let tag = rest.dropFirst().prefix { isWord($0) && $0 != UInt8(ascii: "$") }
        let opening = rest.prefix(tag.count + 2)
        guard opening.last == UInt8(ascii: "$"), opening.count == tag.count + 2 else {
            rest = rest.dropFirst(tag.count + 1)
            return
        }
        rest = rest.dropFirst(opening.count)
        while !rest.isEmpty, !rest.starts(with: opening) { rest.removeFirst() }
        rest = rest.dropFirst(opening.count)
    }
}
