/// The facts found out about a connection that is lent to one after the other.
struct LoopFitness: Sendable {
    /// The epoch of the servers in which it was connected.
    var epoch = 0
    /// It must not be lent again: what was done on it may still have consequences.
    var isSpoilt = false
    /// A borrower has left something behind in the session.
    var isSessionTouched = false
}
