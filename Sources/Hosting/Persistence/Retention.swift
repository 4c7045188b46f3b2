/// The time things are kept that are of use to operators only.
public struct Retention: Sendable {
    /// Sagas that are over, and what their participants keep of them. Far longer than any message of theirs can be on
    /// its way: what is forgotten is no longer told from what never was.
    public var sagas: Duration
    /// The audit trail.
    public var audit: Duration

    /// The least number of days that sagas are kept: the longest deadline of a saga is one.
    static let fewestSagaDays = 7

    public init(sagas: Duration, audit: Duration) {
        self.sagas = sagas
        self.audit = audit
    }
}
