import Crypto
import FoundationEssentials

/// The rights of a page of our own in a browser: run the script and use the style that stand in it, known by their
/// hashes, ask its own origin, and nothing else.
public enum PagePolicy {
    /// The Content-Security-Policy for a page with at most one `<style>` and one `<script>`, without attributes.
    public static func header(for page: String) -> String {
        [
            "default-src 'none'",
            "script-src \(source(of: "script", in: page))",
            "style-src \(source(of: "style", in: page))",
            "connect-src 'self'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        ].joined(separator: "; ")
    }

    private static func source(of element: String, in page: String) -> String {
        guard let begin = page.firstRange(of: "<\(element)>"),
            let end = page[begin.upperBound...].firstRange(of: "</\(element)>")
        else { return "'none'" }
        let content = page[begin.upperBound..<end.lowerBound]
        return "'sha256-\(Data(SHA256.hash(data: Data(content.utf8))).base64EncodedString())'"
    }
}
