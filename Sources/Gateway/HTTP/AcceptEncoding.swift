import HTTPTypes
import Hosting

/// The codings in which a client takes an answer (RFC 9110, 12.5.3).
enum AcceptEncoding {
    /// Whether gzip is taken, and no less welcome than the bytes as they are.
    static func prefersGzip(_ headers: HTTPFields) -> Bool {
        var (gzip, identity, others): (Double?, Double?, Double?) = (nil, nil, nil)
        for entry in headers[values: .acceptEncoding].flatMap({ $0.split(separator: ",") }) {
            let parts = entry.split(separator: ";", omittingEmptySubsequences: false)
            let quality = quality(parts.dropFirst())
            switch parts[0].trimmingBlanks().lowercased() {
            case "gzip", "x-gzip": gzip = max(gzip ?? 0, quality)
            case "identity": identity = quality
            case "*": others = quality
            default: break
            }
        }
        let wanted = gzip ?? others ?? 0
        return wanted > 0 && wanted >= identity ?? others ?? 0
    }

    /// 1 where none is given; 0, so that the coding is not used, where it cannot be read.
    private static func quality(_ parameters: ArraySlice<Substring>) -> Double {
        for parameter in parameters {
            let text = parameter.trimmingBlanks().lowercased()
            guard text.hasPrefix("q=") else { continue }
            guard let value = Double(text.dropFirst(2)), (0...1).contains(value) else { return 0 }
            return value
        }
        return 1
    }
}
