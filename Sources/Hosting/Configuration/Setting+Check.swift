extension Setting {
    /// Passes if the value has the form that the setting wants; the error does not show the value.
    func check(_ value: String, from source: SettingSource) throws(ConfigurationError) {
        let wants: String? =
            switch kind {
            case .text, .path:
                value.allSatisfy(\.isWhitespace) ? "text" : nil
            case .url(let schemes):
                schemes.contains { value.hasPrefix("\($0)://") }
                    ? nil : "a URL that begins with \(schemes.map { "\($0)://" }.joined(separator: " or "))"
            case .listenAddress:
                ListenAddress(value) == nil ? "an IP address and a port, as in 127.0.0.1:9001, or 'off'" : nil
            case .addresses:
                Self.addresses(value) == nil ? "host:port, or several of them separated by commas" : nil
            case .seconds:
                Self.seconds(value) == nil ? "a number of seconds from 0 to 86400" : nil
            case .count:
                (Int(value).map { (1...10_000).contains($0) } ?? false) ? nil : "a whole number from 1 to 10000"
            case .limit:
                (Int(value).map { (0...1_000_000).contains($0) } ?? false)
                    ? nil : "a whole number from 0 (no limit) to 1000000"
            case .number:
                (Int(value).map { (1...1_000_000).contains($0) } ?? false)
                    ? nil : "a whole number from 1 to 1000000"
            case .wait:
                (Self.seconds(value).map { ($0 >= .seconds(1)) && $0 <= .seconds(3600) } ?? false)
                    ? nil : "a number of seconds from 1 to 3600"
            case .addressRanges:
                Self.addressRanges(value) == nil
                    ? "IP addresses or ranges of them, as in 10.0.0.0/8, separated by commas" : nil
            case .origins:
                Self.origins(value) == nil
                    ? "origins without a path, as in https://shop.example, separated by commas, or '*'" : nil
            case .currency:
                value.utf8.count == 3 && value.utf8.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
                    ? nil : "three capital letters, as in RUB"
            case .choice(let words):
                words.contains(value) ? nil : "one of \(words.joined(separator: ", "))"
            }
        if let wants { throw .invalid(self, from: source, wants: wants) }
    }

    static func seconds(_ text: String) -> Duration? {
        guard let number = Double(text), number >= 0, number <= 86_400 else { return nil }
        return .milliseconds(Int64((number * 1000).rounded()))
    }

    static func addresses(_ text: String) -> [HostPort]? {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let pairs = parts.compactMap { HostPort($0.drop(while: \.isWhitespace)) }
        return pairs.count == parts.count && pairs.allSatisfy { $0.port > 0 } ? pairs : nil
    }

    static func addressRanges(_ text: String) -> [AddressRange]? {
        let parts = list(text)
        let ranges = parts.compactMap { AddressRange($0) }
        return ranges.count == parts.count ? ranges : nil
    }

    /// Origins as browsers write them: in small letters, without the port that goes without saying.
    static func origins(_ text: String) -> [String]? {
        if text == "*" { return ["*"] }
        let parts = list(text)
        let origins = parts.compactMap { origin(String($0)) }
        return origins.count == parts.count ? origins : nil
    }

    private static func origin(_ text: String) -> String? {
        let text = text.lowercased()
        for (scheme, port) in [("https://", ":443"), ("http://", ":80")] where text.hasPrefix(scheme) {
            var authority = text.dropFirst(scheme.count)
            if authority.hasSuffix(port) { authority = authority.dropLast(port.count) }
            let isPlain = authority.utf8.allSatisfy { byte in
                (0x21...0x7E).contains(byte) && !"/?#@*\"\\".utf8.contains(byte)
            }
            // The port, if there is one, is a number.
            let isPair = HostPort(authority) != nil || !authority.contains(":") || authority.hasSuffix("]")
            return authority.isEmpty || !isPlain || !isPair ? nil : scheme + authority
        }
        return nil
    }

    private static func list(_ text: String) -> [Substring] {
        text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            let start = part.drop(while: \.isWhitespace)
            return start.prefix(upTo: start.lastIndex { !$0.isWhitespace }.map(start.index(after:)) ?? start.startIndex)
        }
    }
}
