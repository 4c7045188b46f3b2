import Telemetry

/// Text that others are shown: something of it must be seen, and nothing in it may change the order in which what stands
/// around it is read, or do anything else to it.
public enum PublicText {
    /// The faults of a text, each as the rest of a sentence that begins with its name; an empty text has none.
    ///
    /// - Parameter multiline: Whether line breaks and tabs may be in it.
    public static func faults(in text: String, multiline: Bool = false) -> [String] {
        var faults: [String] = []
        let scalars = text.unicodeScalars
        if !StreamSafeText.holds(text) {
            faults.append("must not have more than \(StreamSafeText.limit) combining marks on a letter")
        }
        if hasControls(text, multiline: multiline) { faults.append("must not contain control characters") }
        if !text.isEmpty, !isSeen(text) { faults.append("must have a character that can be seen") }
        if scalars.contains(where: \.isDirectionOverride) {
            faults.append(
                "must not contain characters that override the direction of text (U+202A to U+202E, U+2066 to U+2069)")
        }
        return faults
    }

    /// Passes if the text may be shown to others.
    ///
    /// - Parameters:
    ///   - field: Its name, for the error.
    ///   - reason: The error's.
    ///   - multiline: Whether line breaks and tabs may be in it.
    /// - Throws: ``ServiceError/Code/invalidArgument`` with the first fault.
    public static func check(
        _ text: String, _ field: String, reason: String, multiline: Bool = false
    ) throws(ServiceError) {
        guard let fault = faults(in: text, multiline: multiline).first else { return }
        throw .invalidArgument(reason, "\(field) \(fault)")
    }

    /// A text that was stored before it was checked, made fit for others: what overrides the direction is left out, and
    /// one that shows nothing is replaced by U+FFFD.
    public static func shown(_ text: String) -> String {
        if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text }
        let isOverridden = text.unicodeScalars.contains(where: \.isDirectionOverride)
        let rest =
            isOverridden
            ? String(String.UnicodeScalarView(text.unicodeScalars.filter { !$0.isDirectionOverride })) : text
        return isSeen(rest) ? rest : "\u{FFFD}"
    }

    /// Looks for control characters in a text, other than, where `multiline`, line breaks and tabs.
    public static func hasControls(_ text: String, multiline: Bool = false) -> Bool {
        text.unicodeScalars.contains { scalar in
            scalar.properties.generalCategory == .control && !(multiline && "\n\r\t".unicodeScalars.contains(scalar))
        }
    }

    private static func isSeen(_ text: String) -> Bool {
        text.unicodeScalars.contains { !$0.isInvisible && !$0.isCombining && !$0.properties.isWhitespace }
    }
}

extension Unicode.Scalar {
    /// True if it begins or ends a stretch whose direction is set by hand. The marks that single letters of
    /// right-to-left scripts need are none.
    fileprivate var isDirectionOverride: Bool {
        ("\u{202A}"..."\u{202E}").contains(self) || ("\u{2066}"..."\u{2069}").contains(self)
    }
}
