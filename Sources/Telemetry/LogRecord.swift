import Logging

/// One log record with all its metadata merged, ready to be laid out.
struct LogRecord {
    var timestamp: LogTimestamp
    var level: Logger.Level
    var label: String
    var message: String
    var metadata: Logger.Metadata

    /// Tells that records were dropped because nobody read them fast enough.
    static func loss(of count: Int) -> LogRecord {
        LogRecord(
            timestamp: .now, level: .warning, label: "shopctl", message: "log records were dropped: nobody read them",
            metadata: ["count": "\(count)"])
    }

    /// The record in a style, with its newline.
    func text(_ style: LogStyle) -> [UInt8] {
        switch style {
        case .json: json()
        case .human(let coloured): human(coloured: coloured)
        }
    }

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
