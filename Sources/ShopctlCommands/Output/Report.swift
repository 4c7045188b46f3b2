/// The result of a command, ready to be written in any format.
protocol Report: Sendable {
    /// The version of the shape of ``body``: raised when a member changes its meaning or goes.
    var schemaVersion: Int64 { get }
    /// The result for programs.
    var body: ReportBody { get }
    /// The columns of the table, from which some may be chosen; none for a result that is no list.
    var columns: [Table.Column] { get }
    /// The place of a list's part in the whole; nil for what has no pages.
    var page: Page? { get }
    /// The result for people.
    func table(_ style: TextStyle) -> String
}

extension Report {
    var schemaVersion: Int64 { 1 }
    var columns: [Table.Column] { [] }
    var page: Page? { nil }
}

/// A result that is a list: its columns do not depend on what is in it.
protocol ListReport: Report {
    static var columns: [Table.Column] { get }
}

extension ListReport {
    var columns: [Table.Column] { Self.columns }
}

/// The shape of a result.
enum ReportBody: Sendable {
    case one(OutputRecord)
    /// Several of a kind, under the name they have as a list.
    case many(String, [OutputRecord])
}

/// The place of a list's part in the whole.
struct Page: Sendable, Equatable {
    /// The number of items here.
    let count: Int
    /// The number of items on all pages.
    let total: Int64
    /// The cursor of the next page; nil for the last one.
    let next: String?

    /// A line about what is left out; nil if nothing is.
    var note: String? {
        guard Int64(count) < total else { return nil }
        return "\(count) of \(total)" + (next.map { "; the next page: --cursor \($0)" } ?? "")
    }
}
