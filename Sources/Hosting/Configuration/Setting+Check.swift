extension Setting {
    /// Passes if the value has the form that the setting wants; the error does not show the value.
    func check(_ value: String, from source: SettingSource) throws(ConfigurationError) {
        let wants: String? =
            switch kind {
            case .text, .path:
                value.allSatisfy(\.isWhitespace) ? "text" : nil
            case .url(let schemes):
                Self.urlFault(value, schemes)
            case .listenAddress:
                ListenAddress(value) == nil ? "an IP address and a port, as in 127.0.0.1:9001, or 'off'" : nil
            case .addresses:
                Self.addresses(value) == nil ? "host:port, or several of them separated by commas" : nil
            case .duration(let bounds):
                Self.seconds(value, within: bounds) == nil
                    ? "a number of seconds from \(Self.shown(bounds.lowerBound)) to \(Self.shown(bounds.upperBound))"
                    : nil
            case .number(let bounds):
                Self.count(value, within: bounds) == nil
                    ? "a whole number from \(bounds.lowerBound)\(bounds.lowerBound == 0 ? " (no limit)" : "") to "
                        + "\(bounds.upperBound)" : nil
            case .schema:
                Self.isSchemaName(value)
                    ? nil : "the name of a schema in small letters, digits and _, not beginning with a digit or pg_"
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

    /// Seconds, to the millisecond; nil for what is no decimal number or out of bounds.
    static func seconds(_ text: String, within bounds: ClosedRange<Double>) -> Duration? {
        // The library also reads hexadecimal numbers, which nobody means as seconds.
        guard !text.utf8.contains(where: { $0 | 0x20 == UInt8(ascii: "x") }), let number = Double(text),
            bounds.contains(number)
        else { return nil }
        return .milliseconds(Int64((number * 1000).rounded()))
    }

    /// The time that a value of this setting says; nil if that is out of bounds, or the setting says no time.
    func duration(_ value: String) -> Duration? {
        guard case .duration(let bounds) = kind else { return nil }
        return Self.seconds(value, within: bounds)
    }

    /// The number that a value of this setting says; nil if that is out of bounds, or the setting says no number.
    func number(_ value: String) -> Int? {
        guard case .number(let bounds) = kind else { return nil }
        return Self.count(value, within: bounds)
    }

    /// A whole number in digits; nil for what is none or out of bounds.
    static func count(_ text: String, within bounds: ClosedRange<Int>) -> Int? {
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let number = Int(text),
            bounds.contains(number)
        else { return nil }
        return number
    }

    private static func shown(_ number: Double) -> String {
        number == number.rounded() ? String(Int(number)) : String(number)
    }

    /// The fault of a URL; nil for nothing. A blank at the end of one would become part of a database's name.
    private static func urlFault(_ value: String, _ schemes: [String]) -> String? {
        let form = "a URL that begins with \(schemes.map { "\($0)://" }.joined(separator: " or "))"
        guard schemes.contains(where: { value.hasPrefix("\($0)://") }) else { return form }
        guard let scalar = value.unicodeScalars.last, !scalar.properties.isWhitespace else {
            return form + ", without the blank at its end"
        }
        let isClean = !value.unicodeScalars.contains {
            $0.properties.isWhitespace || $0.value < 0x20 || $0.value == 0x7F
        }
        return isClean ? nil : form + ", without the blank in it (written %20)"
    }

    /// Names that need no quotes in `search_path`.
    private static func isSchemaName(_ value: String) -> Bool {
        let isPlain = value.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "_")
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        return isPlain && (1...63).contains(value.utf8.count) && !value.hasPrefix("pg_")
            && !(value.first?.isNumber ?? true)
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
