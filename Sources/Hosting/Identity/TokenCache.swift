import Crypto
import FoundationEssentials

/// Tokens that have been verified, by their digest; bounded, in two generations.
///
/// Whoever is still used moves to the young generation; when that is full, the old one is dropped whole.
struct TokenCache {
    /// A token's SHA-256: the cache holds no token.
    typealias Digest = SHA256Digest

    static func digest(of token: String) -> Digest { SHA256.hash(data: Data(token.utf8)) }

    private var young: [Digest: Identity] = [:]
    private var old: [Digest: Identity] = [:]
    private let generationLimit: Int

    /// - Parameter capacity: How many tokens it holds at most.
    init(capacity: Int) {
        generationLimit = max(1, capacity / 2)
    }

    var count: Int { young.count + old.count }

    mutating func find(_ digest: Digest) -> Identity? {
        if let identity = young[digest] { return identity }
        guard let identity = old.removeValue(forKey: digest) else { return nil }
        insert(identity, for: digest)
        return identity
    }

    mutating func insert(_ identity: Identity, for digest: Digest) {
        if young.count >= generationLimit {
            old = young
            young = [:]
        }
        young[digest] = identity
    }

    mutating func remove(_ digest: Digest) {
        young[digest] = nil
        old[digest] = nil
    }

    mutating func removeAll() {
        young = [:]
        old = [:]
    }
}
