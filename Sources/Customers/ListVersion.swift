import Crypto
import FoundationEssentials
import Hosting

/// The version of a list that has no row of its own: a digest of what it holds.
enum ListVersion {
    /// - Parameter parts: The list's, in an order of their own.
    static func of(_ parts: some Sequence<String>) -> String {
        let digest = SHA256.hash(data: Array(parts.joined(separator: ",").utf8))
        // Half of it tells any two lists apart.
        return digest.prefix(16).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}

extension ServiceError {
    /// It is no longer as the caller has seen it.
    static func changed(_ what: String) -> ServiceError {
        .aborted("precondition_failed", "\(what) changed since it was read: read it again before changing it")
    }
}
