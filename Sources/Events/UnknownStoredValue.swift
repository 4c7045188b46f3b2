/// A value of a row that this program does not know, as a newer one may have written: nothing is decided by it.
public struct UnknownStoredValue: Error, Equatable, CustomStringConvertible {
    /// The name of the value, as in `state of an order`.
    public let what: String
    public let value: String

    public init(_ value: String, of what: String) {
        self.what = what
        self.value = value
    }

    public var description: String {
        "the \(what) is '\(value)' in the database, which this version of shopctl does not know: was a newer one here?"
    }
}

extension RawRepresentable<String> {
    /// The value that a row holds.
    ///
    /// - Throws: ``UnknownStoredValue`` for any other.
    public init(stored text: String, of what: String) throws(UnknownStoredValue) {
        guard let value = Self(rawValue: text) else { throw UnknownStoredValue(text, of: what) }
        self = value
    }
}
