/// A way in which a migration gets in the way of the shop that runs while it is applied.
public enum LintRule: String, Sendable, CaseIterable {
    /// An index of a table with rows is built, or dropped, while writers wait.
    case indexNotConcurrent = "index-not-concurrent"
    /// A table is written anew while everybody waits.
    case rewrite
    /// A column becomes, or is added as, `NOT NULL` without what makes that quick and possible.
    case notNull = "not-null"
    /// A constraint reads the whole table while everybody waits.
    case constraintScan = "constraint-scan"
    /// A lock is taken that keeps everybody waiting for as long as the transaction takes.
    case lock
    /// Something is dropped that the version before may still use.
    case dropInUse = "drop-in-use"
    /// A name changes that the version before still uses.
    case rename
    /// An ignore comment that names no rule, gives no reason, or stands where nothing is found.
    case badIgnore = "bad-ignore"
}

/// Something that a rule has found in a migration.
public struct LintFinding: Sendable, Equatable {
    /// The file, as it was named to the linter.
    public let file: String
    /// The line of the statement, from 1.
    public let line: Int
    /// The rule.
    public let rule: LintRule
    /// The fault, and with which table or column.
    public let message: String
    /// Another way.
    public let fix: String
    /// The reason why it is right as it is, as a comment in the file says; nil if none does.
    public internal(set) var excuse: String?
}
