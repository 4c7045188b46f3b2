/// A bound on combining marks, as the Stream-Safe Text Format of Unicode has it (UAX #15, section 13).
///
/// Comparing, hashing or normalising a text sorts the marks of each letter, in time that grows with the square of their
/// number: some hundred kilobytes of them on one letter would hold a thread for minutes. No language needs more than a few.
public enum StreamSafeText {
    /// The most combining marks in a row.
    public static let limit = 30

    /// Whether no letter of the text has more marks than that. Takes time that grows with the length of the text.
    public static func holds(_ text: String) -> Bool {
        var marks = 0
        for scalar in text.unicodeScalars {
            // No scalar below this one combines.
            guard scalar.value >= 0x300, scalar.properties.canonicalCombiningClass != .notReordered else {
                marks = 0
                continue
            }
            marks += 1
            if marks > limit { return false }
        }
        return true
    }
}
