import Hosting

/// An e-mail address as people write it, ASCII only. Two that differ only in case are the same account.
struct EmailAddress: Sendable, Equatable {
    /// As it was given, less the spaces and tabs around it.
    let address: String

    /// The address that accounts are told apart by.
    var key: String { address.lowercased() }

    static func == (one: EmailAddress, other: EmailAddress) -> Bool { one.key == other.key }

    /// Nil for what is not `local@domain.tld`: a local part of 1 to 64 characters, at most 254 in all.
    init?(_ text: String) {
        let address = text.trimmingBlanks()
        guard address.utf8.count <= 254 else { return nil }
        let parts = address.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, Self.isLocalPart(parts[0]), Self.isDomain(parts[1]) else { return nil }
        self.address = String(address)
    }

    private static func isLocalPart(_ text: Substring) -> Bool {
        guard (1...64).contains(text.utf8.count), text.utf8.allSatisfy({ isLetterOrDigit($0) || symbols.contains($0) })
        else { return false }
        return !text.hasPrefix(".") && !text.hasSuffix(".") && !text.contains("..")
    }

    private static func isDomain(_ text: Substring) -> Bool {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        return labels.count >= 2
            && labels.allSatisfy { label in
                (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
                    && label.utf8.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }
            }
    }

    private static let symbols = Set("!#$%&'*+-/=?^_`{|}~.".utf8)

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
