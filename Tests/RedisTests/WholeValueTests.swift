import Testing

@testable import Redis

@Suite("Values among the bytes of a connection")
struct WholeValueTests {
    private func value(in text: String) -> (text: String, length: Int)? {
        let read = Array(text.utf8)
        return read.withUnsafeBytes { bytes in
            WholeValue(in: bytes).map { (String(decoding: bytes[$0.place], as: UTF8.self), $0.length) }
        }
    }

    @Test("One is found with its length, whatever follows", arguments: ["", "abc", "a\r\nb$3", "twelve bytes"])
    func whole(text: String) {
        let sent = "$\(text.utf8.count)\r\n\(text)\r\n"
        for rest in ["", "$", "+OK\r\n", sent] {
            let found = value(in: sent + rest)
            #expect(found?.text == text && found?.length == sent.utf8.count)
        }
    }

    @Test("None is found before it has come whole")
    func partial() {
        let sent = Array("$12\r\ntwelve bytes\r\n".utf8)
        for count in 0..<sent.count {
            sent[..<count].withUnsafeBytes { #expect(WholeValue(in: $0)?.length == nil) }
        }
    }

    @Test(
        "What is no value is left to others",
        arguments: [
            "$-1\r\n", "$\r\n\r\n", "+OK\r\n", ":1\r\n", "*1\r\n$1\r\na\r\n", "$1\r\nabc\r\n", "$99999999999\r\na\r\n",
        ])
    func others(sent: String) {
        #expect(value(in: sent) == nil)
    }
}
