import NIOCore

/// Answers that are kept until what they show changes. A pure struct.
///
/// Whoever loads one says so before it does, and what changes meanwhile ends the load: its answer may have been read
/// before the change, and is not kept. Neither is that of a load that ends after another of the same key: it may be the
/// older one, read before a change of which nobody has told yet. Or the newer one: where the two differ, nothing is
/// kept, lest somebody be shown the one and then the other.
struct KeptAnswers<Key: Hashable & Sendable>: Sendable {
    /// An answer as it is sent.
    struct Answer: Sendable {
        let body: ByteBuffer
        let tag: String
    }

    private struct Kept {
        let answer: Answer
        let until: ContinuousClock.Instant
    }

    /// The bytes that an answer takes besides its body: key, tag, places in the tables.
    private static var overhead: Int { 512 }

    private let byteLimit: Int
    private var kept: [Key: Kept] = [:]
    private var byteCount = 0
    private var loads: [Key: Set<UInt64>] = [:]
    private var lastLoad: UInt64 = 0

    /// - Parameter byteLimit: The most bytes of all answers together.
    init(byteLimit: Int) {
        self.byteLimit = byteLimit
    }

    /// The answer that is kept; nil if there is none or its time is over.
    func answer(_ key: Key, at now: ContinuousClock.Instant) -> Answer? {
        guard let found = kept[key], found.until > now else { return nil }
        return found.answer
    }

    /// Notes that an answer is about to be loaded; returns the number of the load.
    mutating func beginLoad(_ key: Key) -> UInt64 {
        lastLoad += 1
        loads[key, default: []].insert(lastLoad)
        return lastLoad
    }

    /// Keeps what a load has brought, unless the key was dropped meanwhile, or another load has ended: then what is kept
    /// must be the same.
    ///
    /// - Parameter answer: Nil for a load that has failed.
    mutating func endLoad(_ key: Key, _ number: UInt64, _ answer: Answer?, until: ContinuousClock.Instant) {
        guard loads[key]?.remove(number) != nil else {
            if let answer, let other = kept[key], other.answer.tag != answer.tag { drop(key) }
            return
        }
        if loads[key]?.isEmpty == true { loads[key] = nil }
        guard let answer, answer.body.readableBytes <= byteLimit / 8 else { return }
        loads[key] = nil
        remove(key)
        // Simpler than choosing: what is asked for is soon there again.
        if byteCount + Self.size(of: answer) > byteLimit { removeAll() }
        kept[key] = Kept(answer: answer, until: until)
        byteCount += Self.size(of: answer)
    }

    /// Forgets an answer, and what is being loaded.
    mutating func drop(_ key: Key) {
        remove(key)
        loads[key] = nil
    }

    /// Forgets the answers under some keys, and what is being loaded for them.
    mutating func drop(where isMeant: (Key) -> Bool) {
        for key in Set(kept.keys).union(loads.keys) where isMeant(key) { drop(key) }
    }

    /// Forgets all answers, and whatever is being loaded.
    mutating func dropAll() {
        removeAll()
        loads.removeAll()
    }

    private mutating func remove(_ key: Key) {
        guard let old = kept.removeValue(forKey: key) else { return }
        byteCount -= Self.size(of: old.answer)
    }

    private static func size(of answer: Answer) -> Int { answer.body.readableBytes + overhead }

    private mutating func removeAll() {
        kept.removeAll()
        byteCount = 0
    }
}
