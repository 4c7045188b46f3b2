import HTTPTypes
import Hosting

/// The client's wishes, from the `Prefer` header (RFC 7240). Preferences we do not know, and values that
/// make no sense, are ignored, as the RFC asks.
struct Preferences: Equatable {
    /// The longest a request is kept waiting; a longer wish is shortened to it.
    static let longestWait = 30

    /// Seconds, 1 to ``longestWait``, the client would wait for an outcome.
    var wait: Int?

    init(_ headers: HTTPFields) {
        for value in headers[values: .prefer] {
            for preference in value.split(separator: ",") {
                // Parameters after a semicolon are not defined for `wait`.
                let pair = preference.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1)
                guard pair.count == 2, pair[0].trimmingBlanks().lowercased() == "wait" else { continue }
                // Of a preference that is given twice the first counts.
                guard wait == nil else { continue }
                let seconds = pair[1].trimmingBlanks().filter { $0 != "\"" }
                guard !seconds.isEmpty, seconds.allSatisfy({ $0.isASCII && $0.isNumber }) else { continue }
                let wish = Int(seconds) ?? .max
                if wish > 0 { wait = min(wish, Self.longestWait) }
            }
        }
    }
}
