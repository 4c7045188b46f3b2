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
}
