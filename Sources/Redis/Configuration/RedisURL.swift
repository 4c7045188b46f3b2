import DriverSupport

/// The parts of a `redis://` URL.
struct RedisURL {
    /// At least one.
    var endpoints: [Endpoint] = []
    var database = 0
    var user: String?
    var password: String?

    init(_ url: String) throws(RedisError) {
        guard let colon = url.firstRange(of: "://") else {
            throw Self.wrong("it does not begin with redis://")
        }
        switch url[..<colon.lowerBound].lowercased() {
        case "redis":
            break
        case "rediss":
            throw Self.wrong(
                """
                rediss:// (TLS) is not supported, because hiredis 0.14 has no TLS; \
                use redis:// to a TLS tunnel beside this process (stunnel, for one) or over a private network
                """)
        default:
            throw Self.wrong("its scheme is not redis")
        }
        var rest = url[colon.upperBound...]
        if rest.contains("?") || rest.contains("#") {
            throw Self.wrong("it has parameters or a fragment (a ? or # in a password must be percent-encoded)")
        }
        if let slash = rest.lastIndex(of: "/") {
            let path = rest[rest.index(after: slash)...]
            rest = rest[..<slash]
            if !path.isEmpty {
                guard path.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
                    let number = Int(path)
                else { throw Self.wrong("its database is not a number") }
                database = number
            }
        }
        if let at = rest.lastIndex(of: "@") {
            let credentials = rest[..<at]
            rest = rest[rest.index(after: at)...]
            guard let separator = credentials.firstIndex(of: ":") else {
                throw Self.wrong("it has a user but no password")
            }
            let name = try Self.percentDecoded(credentials[..<separator])
            let secret = try Self.percentDecoded(credentials[credentials.index(after: separator)...])
            user = name.isEmpty ? nil : name
            password = secret.isEmpty ? nil : secret
            if user != nil, password == nil { throw Self.wrong("it has a user but no password") }
        }
        if rest.contains("/") { throw Self.wrong("its path is more than a database number") }
        for part in rest.split(separator: ",", omittingEmptySubsequences: false) {
            endpoints.append(try Self.endpoint(part))
        }
    }

    private static func endpoint(_ text: Substring) throws(RedisError) -> Endpoint {
        var host = text
        var port = Substring("6379")
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { throw wrong("its IPv6 address does not end in ]") }
            host = text[text.index(after: text.startIndex)..<end]
            let behind = text[text.index(after: end)...]
            guard behind.isEmpty || behind.hasPrefix(":") else { throw wrong("its port is not a number") }
            if !behind.isEmpty { port = behind.dropFirst() }
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
        }
        guard !host.isEmpty else { throw wrong("its host is missing") }
        guard let number = UInt16(port), number > 0 else { throw wrong("its port is not a number from 1 to 65535") }
        return Endpoint(host: String(host), port: number)
    }

    private static func percentDecoded(_ text: Substring) throws(RedisError) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap({ Character(UnicodeScalar($0)).hexDigitValue }),
                let low = rest.popFirst().flatMap({ Character(UnicodeScalar($0)).hexDigitValue })
            else { throw wrong("a % in its user or password is not followed by two hexadecimal digits") }
            bytes.append(UInt8(high << 4 | low))
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw wrong("its user or password is not UTF-8")
        }
        return decoded
    }

    private static func wrong(_ reason: String) -> RedisError {
        RedisError(kind: .configuration, message: "the Redis URL cannot be used: \(reason)")
    }
}
