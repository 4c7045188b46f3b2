import FoundationEssentials

/// A list as its cursors know it: of what, with which filters, in which order.
struct PagedList: Sendable, Equatable {
    /// As much as tells lists apart.
    let digest: String

    /// - Parameters:
    ///   - name: As in `order list`.
    ///   - filters: Always as many and in the same order; nil for one that is not given.
    init(_ name: String, sort: String, _ filters: [String?] = []) {
        // No argument has a NUL in it.
        let text = ([name, sort] + filters.map { $0.map { "=" + $0 } ?? "" }).joined(separator: "\0")
        // FNV-1a.
        let hash = text.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        digest = String(hash, radix: 36)
    }
}

/// The last item of a page, behind which the next one begins: opaque to callers.
struct PageCursor: Sendable, Equatable {
    private static let version = "2"

    /// The list that the page was of, which the next one must be of as well.
    let list: PagedList
    /// The item's place in its order; times in microseconds since 1970.
    let key: Int64
    /// The role that it comes from, where the lists of several are merged; else empty.
    var source = ""
    let id: String

    init(of list: PagedList, key: Int64, source: String = "", id: String) {
        self.list = list
        self.key = key
        self.source = source
        self.id = id
    }

    init(of list: PagedList, at date: Date, source: String = "", id: String) {
        self.init(of: list, key: Int64((date.timeIntervalSince1970 * 1_000_000).rounded()), source: source, id: id)
    }

    /// Reads a cursor.
    ///
    /// - Throws: ``CommandFailure`` of wrong usage for what is none, or is one of another list, or of the same with
    ///   other filters or in another order.
    init(_ text: String, of list: PagedList) throws(CommandFailure) {
        var padded = text.replacing("-", with: "+").replacing("_", with: "/")
        while padded.utf8.count % 4 != 0 { padded += "=" }
        let parts = Data(base64Encoded: padded).flatMap { String(validating: $0, as: UTF8.self) }?
            .split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        guard let parts, parts.count == 5, parts[0] == Self.version, parts[1] == list.digest, let key = Int64(parts[2])
        else {
            throw CommandFailure(
                .usage,
                "--cursor: it is of no page of this list, with these filters and in this order; leave it out for "
                    + "the first page")
        }
        self.init(of: list, key: key, source: parts[3], id: parts[4])
    }

    var text: String {
        Data([Self.version, list.digest, String(key), source, id].joined(separator: "|").utf8).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// The place in an order of times.
    var date: Date { Date(timeIntervalSince1970: Double(key) / 1_000_000) }
}
