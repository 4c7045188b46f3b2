import HTTPTypes
import NIOCore

/// An answer as it is sent. A class, since it is found anew for each request, and one reference costs less than to copy it.
final class KeptAnswer: Sendable {
    let body: ByteBuffer
    let tag: String
    /// Those that it is sent with whoever asks.
    let headers: HTTPFields
    /// The products whose change is one of the answer as well.
    let products: [Int64]

    /// - Parameter control: Tells caches what they may do with it; nil for whoever sends it to say.
    init(body: ByteBuffer, tag: String, control: HTTPField? = nil, products: [Int64] = []) {
        self.body = body
        self.tag = tag
        var headers: HTTPFields = [
            .contentType: "application/json", .eTag: tag, .contentLength: String(body.readableBytes),
        ]
        if let control { headers.append(control) }
        for field in SecurityHeaders.withoutCaches { headers.append(field) }
        self.headers = headers
        self.products = products
    }
}

/// Answers that are kept until what they show changes. A pure struct.
///
/// Whoever loads one says so before it does, and what changes meanwhile ends the load: its answer may have been read
/// before the change, and is not kept. Nor is anything kept where two loads of a key that were under way together differ:
/// one of them was read before a change of which nobody has told yet, nobody knows which, and somebody may have been shown
/// the newer.
///
/// Which products an answer shows is known when it is loaded: until then their changes are noted.
struct KeptAnswers<Key: Hashable & Sendable>: Sendable {
    private struct Kept {
        let answer: KeptAnswer
        let until: ContinuousClock.Instant
    }

    /// The loads of a key that are under way, and have not been ended.
    private struct Loads {
        var numbers: Set<UInt64> = []
        /// The tag of an answer that came meanwhile, and was not kept.
        var passed: String?
    }

    /// The bytes that an answer takes besides its body: key, tag, places in the tables.
    private static var overhead: Int { 512 }
    /// The same for each product that it shows.
    private static var productOverhead: Int { 128 }
    /// More changes of products are not noted one by one: then all loads are ended.
    private static var changeLimit: Int { 10_000 }

    private let byteLimit: Int
    private var kept: [Key: Kept] = [:]
    private var byteCount = 0
    /// By product the keys of the answers that show it.
    private var keys: [Int64: Set<Key>] = [:]
    private var loads: [Key: Loads] = [:]
    private var lastLoad: UInt64 = 0
    /// The products that have changed while anything was loaded, each with the last load that had begun by then.
    private var changes: [Int64: UInt64] = [:]

    /// - Parameter byteLimit: The most bytes of all answers together.
    init(byteLimit: Int) {
        self.byteLimit = byteLimit
    }

    /// The answer that is kept; nil if there is none or its time is over.
    func answer(_ key: Key, at now: ContinuousClock.Instant) -> KeptAnswer? {
        guard let found = kept[key], found.until > now else { return nil }
        return found.answer
    }

    /// Notes that an answer is about to be loaded; returns the number of the load.
    mutating func beginLoad(_ key: Key) -> UInt64 {
        lastLoad += 1
        loads[key, default: Loads()].numbers.insert(lastLoad)
        return lastLoad
    }

    /// Keeps what a load has brought, unless the load was ended meanwhile, a product that the answer shows has changed, or
    /// another load has brought something else.
    ///
    /// - Parameter answer: Nil for a load that has failed.
    mutating func endLoad(_ key: Key, _ number: UInt64, _ answer: KeptAnswer?, until: ContinuousClock.Instant) {
        let isWanted = loads[key]?.numbers.remove(number) != nil
        defer {
            if loads[key]?.numbers.isEmpty == true { loads[key] = nil }
            if loads.isEmpty { changes.removeAll() }
        }
        guard let answer else { return }
        // An answer that is kept when a load begins has outlived its time.
        let other = loads[key]?.passed ?? (isWanted ? nil : kept[key]?.answer.tag)
        if let other, other != answer.tag { return drop(key) }
        guard isWanted, answer.body.readableBytes <= byteLimit / 8,
            !answer.products.contains(where: { changes[$0, default: 0] >= number })
        else {
            loads[key]?.passed = answer.tag
            return
        }
        loads[key] = nil
        remove(key)
        // Simpler than choosing: what is asked for is soon there again.
        if byteCount + Self.size(of: answer) > byteLimit { removeAll() }
        kept[key] = Kept(answer: answer, until: until)
        byteCount += Self.size(of: answer)
        for product in answer.products { keys[product, default: []].insert(key) }
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

    /// Forgets the answers that show a product, and what is being loaded if it turns out to show it.
    mutating func drop(showing product: Int64) {
        for key in keys.removeValue(forKey: product) ?? [] { remove(key) }
        guard !loads.isEmpty else { return }
        if changes.count >= Self.changeLimit {
            loads.removeAll()
            changes.removeAll()
        } else {
            changes[product] = lastLoad
        }
    }

    /// Forgets all answers, and whatever is being loaded.
    mutating func dropAll() {
        removeAll()
        loads.removeAll()
        changes.removeAll()
    }

    private mutating func remove(_ key: Key) {
        guard let old = kept.removeValue(forKey: key) else { return }
        byteCount -= Self.size(of: old.answer)
        for product in old.answer.products {
            keys[product]?.remove(key)
            if keys[product]?.isEmpty == true { keys[product] = nil }
        }
    }

    private static func size(of answer: KeptAnswer) -> Int {
        answer.body.readableBytes + overhead + answer.products.count * productOverhead
    }

    private mutating func removeAll() {
        kept.removeAll()
        keys.removeAll()
        byteCount = 0
    }
}
