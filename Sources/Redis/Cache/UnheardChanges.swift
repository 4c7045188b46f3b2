import DriverSupport

/// The keys whose change Redis has not been told of yet, so that what it holds under them may be old. A pure struct.
struct UnheardChanges {
    /// More keys are not noted one by one: then nothing that Redis holds is trusted, until all of it has expired.
    static let limit = 10_000

    private let lifetime: Duration
    /// By key the number of its last change.
    private var changes: [String: UInt64] = [:]
    private var lastNumber: UInt64 = 0
    private var nothingIsTrustedUntil: MonotonicTime?
    /// Whether somebody tells Redis again and again.
    private var isRepeating = false

    /// - Parameter lifetime: How long Redis keeps a value.
    init(lifetime: Duration) {
        self.lifetime = lifetime
    }

    /// Notes changes; returns their number.
    mutating func note(_ keys: [String], at now: MonotonicTime) -> UInt64 {
        lastNumber += 1
        for key in keys {
            if changes.count >= Self.limit, changes[key] == nil {
                nothingIsTrustedUntil = now + lifetime
            } else {
                changes[key] = lastNumber
            }
        }
        return lastNumber
    }

    /// Notes that Redis has been told of all changes of these keys up to a number.
    mutating func told(_ keys: [String], upTo number: UInt64) {
        for key in keys {
            if let change = changes[key], change <= number { changes[key] = nil }
        }
    }

    /// The number of the change that Redis does not know; nil where it can be asked.
    func unheard(_ key: String, at now: MonotonicTime) -> UInt64? {
        if let change = changes[key] { return change }
        return nothingIsTrustedUntil.flatMap { $0 > now ? lastNumber : nil }
    }

    /// Some of the keys, to tell Redis of, and the number up to which that counts.
    func some(_ count: Int) -> (keys: [String], number: UInt64) {
        (Array(changes.keys.prefix(count)), lastNumber)
    }

    /// Whether the caller shall tell Redis again and again from now on.
    mutating func beginRepeating() -> Bool {
        if isRepeating || changes.isEmpty { return false }
        isRepeating = true
        return true
    }

    /// Whether the caller can end to: true when there is nothing left to tell.
    mutating func endRepeating() -> Bool {
        if changes.isEmpty { isRepeating = false }
        return changes.isEmpty
    }
}
