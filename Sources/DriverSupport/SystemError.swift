import Glibc

/// A refusal of the system's, in its own words.
package struct SystemError: Error, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }

    /// The system's text for an `errno` value.
    package init(errno number: Int32) {
        description = strerror(number).map { String(cString: $0) } ?? "error \(number)"
    }
}
