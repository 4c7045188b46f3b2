import Logging

/// One log record with all its metadata, ready to be laid out.
struct LogRecord {
    /// A name and what stands under it.
    typealias Field = (key: String, value: Logger.MetadataValue)

    let timestamp: LogTimestamp
    let level: Logger.Level
    let label: String
    let message: String
    /// The metadata as flat pairs sorted by key: nested dictionaries become dotted keys.
    let fields: [Field]

    /// Puts a record together.
    ///
    /// - Parameters:
    ///   - metadata: What the record itself carries; wins over all others.
    ///   - others: What it carries besides, the first of them winning over those behind it.
    init(
        timestamp: LogTimestamp, level: Logger.Level, label: String, message: String, metadata: Logger.Metadata,
        over others: [Logger.Metadata] = []
    ) {
        self.timestamp = timestamp
        self.level = level
        self.label = label
        self.message = message
        // Pairs in a list, and not one dictionary of all: a record is written once, and nobody looks anything up in it.
        var fields: [Field] = []
        fields.reserveCapacity(others.reduce(metadata.count) { $0 + $1.count })
        for (key, value) in metadata { Self.append(key, value, to: &fields) }
        for (index, other) in others.enumerated() {
            for (key, value) in other
            where metadata[key] == nil && !others[..<index].contains(where: { $0[key] != nil }) {
                Self.append(key, value, to: &fields)
            }
        }
        fields.sort { $0.key < $1.key }
        self.fields = fields
    }

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

    private static func append(_ key: String, _ value: Logger.MetadataValue, to fields: inout [Field]) {
        guard case .dictionary(let nested) = value else { return fields.append((key, value)) }
        for (inner, value) in nested { append("\(key).\(inner)", value, to: &fields) }
    }
}
