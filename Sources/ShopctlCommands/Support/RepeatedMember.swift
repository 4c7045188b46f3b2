import FoundationEssentials

/// Looks for members that stand twice in an object of JSON. A decoder keeps one of both, and does not say which.
enum RepeatedMember {
    /// The name of the first one; nil for none.
    ///
    /// - Parameter json: JSON that a decoder has taken.
    static func name(in json: [UInt8]) -> String? {
        // The names so far in each object that is open; nil for a list.
        var open: [Set<String>?] = []
        var isName = false
        var position = 0
        while position < json.count {
            switch json[position] {
            case UInt8(ascii: "{"):
                open.append([])
                isName = true
            case UInt8(ascii: "["):
                open.append(nil)
                isName = false
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                _ = open.popLast()
                isName = false
            case UInt8(ascii: ","): isName = open.last.flatMap(\.self) != nil
            case UInt8(ascii: "\""):
                let end = self.end(of: position, in: json)
                if isName, let name = text(json[position..<end]), open[open.count - 1]?.insert(name).inserted == false {
                    return name
                }
                isName = false
                position = end - 1
            default: break
            }
            position += 1
        }
        return nil
    }

    /// The place behind the quote that ends a text.
    private static func end(of start: Int, in json: [UInt8]) -> Int {
        var position = start + 1
        while position < json.count, json[position] != UInt8(ascii: "\"") {
            position += json[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        return min(position + 1, json.count)
    }

    private static func text(_ quoted: ArraySlice<UInt8>) -> String? {
        guard quoted.contains(UInt8(ascii: "\\")) else {
            return String(decoding: quoted.dropFirst().dropLast(), as: UTF8.self)
        }
        return try? JSONDecoder().decode(String.self, from: Data(quoted))
    }
}
