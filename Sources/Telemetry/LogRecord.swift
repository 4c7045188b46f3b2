import Logging

/// One log record with all its metadata merged, ready to be laid out.
struct LogRecord {
    var timestamp: LogTimestamp
    var level: Logger.Level
    var label: String
    var message: String
    var metadata: Logger.Metadata

    /// The metadata as flat pairs sorted by key: nested dictionaries become dotted keys.
    var flattened: [(key: String, value: Logger.MetadataValue)] {
        guard !metadata.isEmpty else { return [] }
        var pairs: [(key: String, value: Logger.MetadataValue)] = []
        pairs.reserveCapacity(metadata.count)
        Self.flatten(metadata, prefix: "", into: &pairs)
        pairs.sort { $0.key < $1.key }
        return pairs
    }

    private static func flatten(
        _ metadata: Logger.Metadata, prefix: String,
        into pairs: inout [(key: String, value: Logger.MetadataValue)]
    ) {
        for (key, value) in metadata {
            if case .dictionary(let nested) = value {
                flatten(nested, prefix: "\(prefix)\(key).", into: &pairs)
            } else {
                pairs.append((prefix + key, value))
            }
        }
    }
}
