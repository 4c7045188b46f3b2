/// Values by key in bounded space: once as many keys as fit in one half have been written, the other half, which
/// nobody has written to since, is forgotten.
struct RecentTable<Value> {
    private let half: Int
    private var young: [String: Value] = [:]
    private var old: [String: Value] = [:]

    init(capacity: Int) {
        self.half = max(1, capacity / 2)
    }

    var count: Int { young.count + old.count }

    subscript(key: String) -> Value? {
        get { young[key] ?? old[key] }
        set {
            old[key] = nil
            young[key] = newValue
            guard young.count >= half else { return }
            old = young
            young = [:]
        }
    }
}
