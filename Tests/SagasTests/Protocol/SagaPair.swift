/// Two sagas, each with the messages about it that are on their way.
struct SagaPair: Hashable {
    struct Part: Hashable {
        /// The saga's number in `SagaSteps`.
        var saga: UInt16 = 0
        var messages = ProtocolMessages.tries

        fileprivate var order: UInt32 { UInt32(saga) << 16 | UInt32(messages.bits) }
    }

    private var first = Part()
    private var second = Part()

    subscript(saga: Int) -> Part {
        get { saga == 0 ? first : second }
        set { if saga == 0 { first = newValue } else { second = newValue } }
    }

    /// The same with the two in one order: which is which does not matter.
    var sorted: Self {
        guard first.order > second.order else { return self }
        var pair = self
        swap(&pair.first, &pair.second)
        return pair
    }

    static func == (a: Self, b: Self) -> Bool { a.first.order == b.first.order && a.second.order == b.second.order }

    func hash(into hasher: inout Hasher) {
        hasher.combine(UInt64(first.order) << 32 | UInt64(second.order))
    }
}
