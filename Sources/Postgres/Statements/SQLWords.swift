/// Looking for words in SQL text, without understanding it.
enum SQLWords {
    /// Whether the text has these characters anywhere, in capitals or not.
    ///
    /// - Parameter needle: In small letters.
    static func contains(_ needle: String, in sql: String) -> Bool {
        var needle = needle
        return needle.withUTF8 { contains($0, in: sql) }
    }

    private static func contains(_ needle: UnsafeBufferPointer<UInt8>, in sql: String) -> Bool {
        var sql = sql
        return sql.withUTF8 { text in
            guard let first = needle.first, text.count >= needle.count else { return false }
            for start in 0...(text.count - needle.count) where small(text[start]) == first {
                if needle.indices.allSatisfy({ small(text[start + $0]) == needle[$0] }) { return true }
            }
            return false
        }
    }

    private static func small(_ byte: UInt8) -> UInt8 {
        (65...90).contains(byte) ? byte | 0x20 : byte
    }
}
