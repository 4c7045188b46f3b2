/// The version of a message body: the one that this program writes, and the only one it reads.
public struct SchemaVersion: Codable, Sendable, Equatable {
    private static let known = 1

    public init() {}

    /// - Throws: ``MessageRejection`` of class `newer_version` for a later version, which waits for a program that
    ///   reads it; of class `undecodable` for one that there has never been.
    public init(from decoder: any Decoder) throws {
        let version = try decoder.singleValueContainer().decode(Int.self)
        guard version == Self.known else {
            throw MessageRejection(
                version > Self.known ? .newerVersion : .undecodable,
                "schema_version is \(version), and this program reads \(Self.known)")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Self.known)
    }
}
