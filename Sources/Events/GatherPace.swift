/// The pace of a ``Gatherer`` whose batches set off work that takes longer than they do, such as sagas.
///
/// One batch goes its whole way before the next starts, so that those who come meanwhile go together, each step once for
/// all of them. Those who were in the last batch are given a third of the time that it took to come back. Whoever comes
/// alone waits for nobody; a crowd waits for nothing.
public struct GatherPace<Answer: Sendable>: Sendable {
    let crowd: Int
    let consequences: @Sendable ([Answer]) async -> Void

    /// - Parameters:
    ///   - crowd: The number of waiting items from which a batch is started though another's consequences go on.
    ///   - consequences: Returns when what a batch's answers have set off is over, or is not to be waited for.
    public init(crowd: Int, consequences: @escaping @Sendable ([Answer]) async -> Void) {
        self.crowd = crowd
        self.consequences = consequences
    }
}

/// What a gatherer keeps of its pace.
struct PaceKeeper: Sendable {
    let crowd: Int

    /// The batches whose consequences go on.
    private var underWay = 0
    /// Those who are expected to come soon, and until when they are waited for.
    private var expected: (count: Int, until: ContinuousClock.Instant)?

    init(crowd: Int) { self.crowd = crowd }

    /// Whether a batch of all who wait may start.
    func allows(_ waiting: Int, besides running: Int, at now: ContinuousClock.Instant = .now) -> Bool {
        if waiting >= crowd { return true }
        if let expected, waiting < expected.count, now < expected.until { return false }
        return underWay == 0 && running == 0
    }

    /// Notes that a batch has been done, and that what it set off goes on.
    mutating func begin() { underWay += 1 }

    /// Notes that the consequences of a batch are over.
    ///
    /// - Parameters:
    ///   - count: The batch's items.
    ///   - waiting: The items that have come meanwhile.
    ///   - duration: The time that the consequences took.
    /// - Returns: The time after which a batch need not wait for company any more; nil if none is expected.
    mutating func end(
        _ count: Int, waiting: Int, after duration: Duration, at now: ContinuousClock.Instant
    ) -> Duration? {
        underWay -= 1
        let pause = duration / 3
        expected = count + waiting > 1 ? (count + waiting, now + pause) : nil
        return expected == nil ? nil : pause
    }
}
