/// What a command has found out, ready to be written in any format.
protocol Report: Sendable {
    /// The version of the shape of ``body``: raised when a member changes its meaning or goes.
    var schemaVersion: Int64 { get }
    /// The result for programs.
    var body: ReportBody { get }
    /// The result for people.
    func table(_ style: TextStyle) -> String
}

extension Report {
    var schemaVersion: Int64 { 1 }
}

/// The shape of a result.
enum ReportBody: Sendable {
    case one(OutputRecord)
    /// Several of a kind, under the name they have as a list.
    case many(String, [OutputRecord])
}
