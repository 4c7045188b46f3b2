/// Turns results into text: the one place where it is decided how a format looks.
enum Renderer {
    static func text(_ report: some Report, as format: OutputFormat, style: TextStyle) -> String {
        switch format {
        case .table: ended(report.table(style))
        case .json: ended(JSONText.pretty(.record(document(report))))
        case .yaml: ended(YAMLText.document(document(report)))
        case .jsonl:
            switch report.body {
            case .one(let record): line(record, report)
            case .many(_, let records): records.map { line($0, report) }.joined()
            }
        }
    }

    private static func document(_ report: some Report) -> OutputRecord {
        switch report.body {
        case .one(let record): record.led(by: "schema_version", .integer(report.schemaVersion))
        case .many(let name, let records):
            ["schema_version": .integer(report.schemaVersion), name: .records(records)]
        }
    }

    private static func line(_ record: OutputRecord, _ report: some Report) -> String {
        JSONText.compact(.record(record.led(by: "schema_version", .integer(report.schemaVersion)))) + "\n"
    }

    private static func ended(_ text: String) -> String { text.isEmpty || text.hasSuffix("\n") ? text : text + "\n" }
}
