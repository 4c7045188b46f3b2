import FoundationEssentials
import Hosting

/// Collects what is wrong with a request's fields, so that the client learns of all of it at once.
struct FieldChecks {
    private(set) var errors: [Problem.FieldError] = []

    /// Notes that `field` is not as it should be, unless `holds`.
    mutating func require(_ holds: Bool, _ field: String, _ detail: String) {
        if !holds {
            errors.append(Problem.FieldError(field: field, detail: detail))
        }
    }

    /// An id, or an amount without an upper limit: 1 or more.
    mutating func positive(_ value: Int64, _ field: String) {
        require(value > 0, field, "must be more than zero")
    }

    /// An amount with limits.
    mutating func amount(_ value: Int64, _ range: ClosedRange<Int64>, _ field: String) {
        require(range.contains(value), field, "must be \(range.lowerBound) to \(range.upperBound)")
    }

    /// Text of `length` characters (Unicode scalars) that can be stored and shown: no control characters other
    /// than, where `multiline`, line breaks and tabs.
    mutating func text(_ value: String, _ field: String, length: ClosedRange<Int>, multiline: Bool = false) {
        self.length(of: value, field, length)
        require(
            !PublicText.hasControls(value, multiline: multiline), field, "must not contain control characters")
    }

    /// The same for text that others are shown (``PublicText``).
    mutating func publicText(_ value: String, _ field: String, length: ClosedRange<Int>, multiline: Bool = false) {
        self.length(of: value, field, length)
        for fault in PublicText.faults(in: value, multiline: multiline) { require(false, field, fault) }
    }

    private mutating func length(of value: String, _ field: String, _ range: ClosedRange<Int>) {
        require(
            range.contains(value.unicodeScalars.count), field,
            "must have \(range.lowerBound) to \(range.upperBound) characters")
    }

    /// The address of a picture: http or https, at most 2,048 characters; empty for none.
    mutating func photoURL(_ value: String, _ field: String) {
        if value.isEmpty { return }
        let isShort = value.utf8.count <= 2048
        let url = isShort ? URL(string: value, encodingInvalidCharacters: false) : nil
        let isWeb = ["http", "https"].contains(url?.scheme?.lowercased()) && url?.host()?.isEmpty == false
        require(
            isWeb, field,
            "must be an http or https URL of at most 2048 characters, all ASCII: others are percent-encoded")
    }

    /// Throws all that was noted as one ``Problem``, if there is any.
    func finish() throws(Problem) {
        if !errors.isEmpty { throw .invalidFields(errors) }
    }
}
