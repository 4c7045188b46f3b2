/// Turns results into text: the one place where it is decided how a format looks.
enum Renderer {
    /// - Throws: ``CommandFailure`` of wrong usage for a column that the result does not have, and for columns of a
    ///   result that has none.
    static func text(
        _ report: some Report, as format: OutputFormat, style: TextStyle
    ) throws(CommandFailure) -> String {
        if style.columns != nil, report.columns.isEmpty { throw noColumns }
        switch format {
        case .table, .wide:
            try checkColumns(of: report, style)
            return ended(report.table(style))
        case .json: return ended(JSONText.pretty(.record(try document(report, style))))
        case .yaml: return ended(YAMLText.document(try document(report, style)))
        case .jsonl:
            switch report.body {
            case .one(let record): return line(try chosen(record, report, style), report)
            case .many(_, let records):
                var lines = ""
                for record in records { lines += line(try chosen(record, report, style), report) }
                return lines
            }
        }
    }

    private static func document(_ report: some Report, _ style: TextStyle) throws(CommandFailure) -> OutputRecord {
        let version = OutputValue.integer(report.schemaVersion)
        switch report.body {
        case .one(let record): return try chosen(record, report, style).led(by: "schema_version", version)
        case .many(let name, let records):
            var shown: [OutputRecord] = []
            for record in records { shown.append(try chosen(record, report, style)) }
            var document: OutputRecord = ["schema_version": version, name: .records(shown)]
            if let page = report.page {
                document.members.append(.init(name: "total", value: .integer(page.total)))
                document.members.append(.init(name: "next_cursor", value: .optional(page.next)))
            }
            return document
        }
    }

    private static func line(_ record: OutputRecord, _ report: some Report) -> String {
        JSONText.compact(.record(record.led(by: "schema_version", .integer(report.schemaVersion)))) + "\n"
    }

    private static func ended(_ text: String) -> String { text.isEmpty || text.hasSuffix("\n") ? text : text + "\n" }

    // MARK: - Columns

    private static func checkColumns(of report: some Report, _ style: TextStyle) throws(CommandFailure) {
        var kept: [String] = []
        for name in style.columns ?? [] {
            guard let index = report.columns.firstIndex(where: { $0.isCalled(name) }) else {
                throw noColumn(name, among: report.columns.map(\.name))
            }
            // By its heading: one member may stand in two columns.
            let title = report.columns[index].title
            guard !kept.contains(title) else { throw CommandFailure(.usage, "--columns: '\(name)' is there already") }
            kept.append(title)
        }
    }

    /// The members that were asked for: under a heading's name the one that stands for it.
    private static func chosen(
        _ record: OutputRecord, _ report: some Report, _ style: TextStyle
    ) throws(CommandFailure) -> OutputRecord {
        guard let names = style.columns else { return record }
        var kept = OutputRecord()
        for name in names {
            let member = report.columns.first { $0.isCalled(name) }?.name ?? name
            guard let found = record.members.first(where: { $0.name == member }) else {
                throw noColumn(name, among: record.members.map(\.name))
            }
            // A document names each member once.
            guard !kept.members.contains(where: { $0.name == member }) else {
                throw CommandFailure(.usage, "--columns: '\(name)' is there already, as '\(member)'")
            }
            kept.members.append(found)
        }
        return kept
    }

    private static func noColumn(_ name: String, among names: [String]) -> CommandFailure {
        // One member may stand in two columns.
        var known: [String] = []
        for name in names where !known.contains(name) { known.append(name) }
        return CommandFailure(
            .usage, "--columns: there is no column '\(name)' here; there are \(known.joined(separator: ","))")
    }

    /// The refusal of `--columns` where there are none, whatever the format.
    static var noColumns: CommandFailure {
        CommandFailure(.usage, "--columns: this result has no columns: leave --columns out")
    }
}
