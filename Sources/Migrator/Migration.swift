import Crypto
import FoundationEssentials

/// One step of a database's schema, with its way back.
public struct Migration: Sendable, Equatable {
    /// Its place in the order, from 1.
    public let version: Int64
    /// Its subject, from the file's name.
    public let title: String
    /// The SQL that applies it.
    public let up: String
    /// The SQL that takes it back; nil if there is no file for it.
    public let down: String?

    /// Version and title as one word, as in `2_refresh_tokens`.
    public var name: String { title.isEmpty ? "\(version)" : "\(version)_\(title)" }

    /// The SHA-256 of the SQL that applies it, in hex.
    public var checksum: String {
        SHA256.hash(data: Array(up.utf8)).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    /// The SQL of a direction.
    func text(_ direction: MigrationDirection) -> String? { direction == .up ? up : down }
}

/// The way a migration is run.
public enum MigrationDirection: String, Sendable {
    case up
    case down
}
