import FoundationEssentials

/// The last item of a page, behind which the next one begins: opaque to callers.
struct PageCursor: Sendable, Equatable {
    private static let version = "1"

    /// The order in which the page was, which the next one must have as well.
    let sort: String
    /// The item's place in that order; times in microseconds since 1970.
    let key: Int64
    /// The list that it comes from, where several are merged; else empty.
    var source = ""
    let id: String

    init(sort: String, key: Int64, source: String = "", id: String) {
        self.sort = sort
        self.key = key
        self.source = source
        self.id = id
    }

    init(sort: String, at date: Date, source: String = "", id: String) {
        self.init(
            sort: sort, key: Int64((date.timeIntervalSince1970 * 1_000_000).rounded()), source: source, id: id)
    }

    /// Reads a cursor.
    ///
    /// - Throws: ``CommandFailure`` of wrong usage for what is none, or is one of another order.
    init(_ text: String, sort: String) throws(CommandFailure) {
        var padded = text.replacing("-", with: "+").replacing("_", with: "/")
        while padded.utf8.count % 4 != 0 { padded += "=" }
        let parts = Data(base64Encoded: padded).flatMap { String(validating: $0, as: UTF8.self) }?
            .split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        guard let parts, parts.count == 5, parts[0] == Self.version, let key = Int64(parts[2]) else {
            throw CommandFailure(
                .usage, "--cursor: this is no cursor of a list", hint: "leave --cursor out for the first page")
        }
        guard parts[1] == sort else {
            throw CommandFailure(
                .usage, "--cursor: it goes on with a list that is sorted by \(parts[1])", hint: "--sort \(parts[1])")
        }
        self.init(sort: sort, key: key, source: parts[3], id: parts[4])
    }

    var text: String {
        Data([Self.version, sort, String(key), source, id].joined(separator: "|").utf8).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// The place in an order of times.
    var date: Date { Date(timeIntervalSince1970: Double(key) / 1_000_000) }
}
