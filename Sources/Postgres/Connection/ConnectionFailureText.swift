/// The words of libpq about a failed connection, made fit for an error.
enum ConnectionFailureText {
    /// One line, without the server's source locations.
    static func tidied(_ text: String) -> String {
        text.split(separator: "\n")
            .filter { !$0.hasPrefix("LOCATION:") }
            .map { line in line.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
            .joined(separator: "; ")
    }

    /// The error of a connection attempt. libpq gives no field for the SQLSTATE here, but in its verbose form the
    /// text carries the code after the severity: `FATAL:  28P01: password authentication failed`.
    static func error(_ text: String, password: String?) -> PostgresError {
        var message = tidied(text)
        var state: SQLState?
        if let code = sqlState(in: message) {
            state = SQLState(rawValue: code)
            message = removing("\(code): ", from: message)
        }
        if let password, password.count > 2 { message = removing(password, from: message) }
        // Wrong credentials, no such database, no permission: waiting will not help.
        let isFinal = state.map { ["28", "3D", "42"].contains($0.classCode) } ?? false
        return PostgresError(.connection, message, sqlState: state, isRetryable: !isFinal)
    }

    private static func sqlState(in message: String) -> String? {
        let parts = message.split(separator: ":").map { $0.drop { $0 == " " } }
        for part in parts.dropFirst() where part.utf8.count == 5 {
            // Every code has a digit; a severity such as FATAL has none.
            let isCode = part.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) }
            if isCode, part.utf8.contains(where: { (48...57).contains($0) }) { return String(part) }
        }
        return nil
    }

    private static func removing(_ word: String, from text: String) -> String {
        var rest = text[...]
        var kept = ""
        while let range = range(of: word, in: rest) {
            kept += rest[..<range.lowerBound]
            rest = rest[range.upperBound...]
        }
        return kept + rest
    }

    private static func range(of word: String, in text: Substring) -> Range<String.Index>? {
        var start = text.startIndex
        while start < text.endIndex {
            if text[start...].hasPrefix(word) {
                return start..<text.index(start, offsetBy: word.count)
            }
            start = text.index(after: start)
        }
        return nil
    }
}
