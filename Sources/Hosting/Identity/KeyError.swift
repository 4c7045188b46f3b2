/// A fault with a file or a set of keys; never shows a key.
public struct KeyError: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String
    /// Whether there is no such file.
    public let isMissing: Bool
    /// Whether every user of the host can read or write it.
    public let isOpenToAll: Bool

    init(_ description: String, isMissing: Bool = false, isOpenToAll: Bool = false) {
        self.description = description
        self.isMissing = isMissing
        self.isOpenToAll = isOpenToAll
    }
}
