import Glibc

/// A request as a line of the requests' file has it: method, path, token and body, by tabs; the last two may be empty.
struct RequestTemplate: Sendable {
    private let beforeKey: [UInt8]
    private let afterKey: [UInt8]
    private let hasKey: Bool

    init?(_ line: Substring, headers: [String]) {
        let parts = line.split(separator: "\t", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count >= 2 else { return nil }
        let token = parts.count > 2 ? parts[2] : ""
        let body = parts.count > 3 ? parts[3] : ""
        var head = "\(parts[0]) \(parts[1]) HTTP/1.1\r\nHost: shop.example\r\n"
        if !token.isEmpty { head += "Authorization: Bearer \(token)\r\n" }
        for header in headers { head += "\(header)\r\n" }
        if !body.isEmpty { head += "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n" }
        hasKey = parts[0] == "POST"
        beforeKey = Array(head.utf8)
        afterKey = Array("\r\n\(body)".utf8)
    }

    /// The request's bytes; those of a POST have a new idempotency key.
    func bytes(_ random: inout SystemRandomNumberGenerator) -> [UInt8] {
        guard hasKey else { return beforeKey + afterKey }
        let key = String(random.next(), radix: 16) + String(random.next(), radix: 16)
        return beforeKey + Array("Idempotency-Key: bench-\(key)\r\n".utf8) + afterKey
    }

    /// Reads a file of requests.
    static func read(_ path: String, headers: [String]) throws -> [RequestTemplate] {
        guard let file = fopen(path, "r") else { throw HTTPConnection.Failure(description: "cannot read \(path)") }
        defer { fclose(file) }
        var text: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65536)
        while case let count = fread(&part, 1, part.count, file), count > 0 { text += part[..<count] }
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
        let requests = lines.compactMap { RequestTemplate($0, headers: headers) }
        guard requests.count == lines.count, !requests.isEmpty else {
            throw HTTPConnection.Failure(description: "\(path): a line is METHOD PATH [TOKEN [BODY]], by tabs")
        }
        return requests
    }
}
