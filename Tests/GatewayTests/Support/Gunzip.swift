import CZlib

/// The text behind its gzip form.
enum Gunzip {
    struct Failure: Error {}

    static func text(_ bytes: [UInt8], limit: Int = 1 << 24) throws -> String {
        var text = [UInt8](repeating: 0, count: limit)
        let count = czlib_gunzip(bytes, UInt32(bytes.count), &text, UInt32(limit))
        if count == 0 { throw Failure() }
        return String(decoding: text.prefix(Int(count)), as: UTF8.self)
    }
}
