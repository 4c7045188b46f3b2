/// A fault with a file or a set of keys; never shows a key.
public struct KeyError: Error, Sendable, Hashable, CustomStringConvertible {
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
