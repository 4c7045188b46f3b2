/// Columns for people: a heading, left-aligned cells, numbers to the right.
struct Table {
    struct Column {
        let title: String
        var alignsRight = false

        static func left(_ title: String) -> Column { Column(title: title) }
        static func right(_ title: String) -> Column { Column(title: title, alignsRight: true) }
    }

    /// A cell's text, and how it stands out. The text is made fit for a terminal, wherever it comes from.
    struct Cell {
        let text: String
        var emphasis = Emphasis.none

        init(text: String, emphasis: Emphasis = .none) {
            self.text = Printable.line(text)
            self.emphasis = emphasis
        }

        static func plain(_ text: String) -> Cell { Cell(text: text) }
        static func styled(_ text: String, _ emphasis: Emphasis) -> Cell { Cell(text: text, emphasis: emphasis) }
    }

    let columns: [Column]
    private(set) var rows: [[Cell]] = []

    init(_ columns: [Column]) {
        self.columns = columns
    }

    mutating func add(_ cells: [Cell]) { rows.append(cells) }
    mutating func add(texts: [String]) { rows.append(texts.map(Cell.plain)) }

    func text(_ style: TextStyle) -> String {
        let widths = columns.indices.map { index in
            ([columns[index].title.count] + rows.map { $0[index].text.count }).max() ?? 0
        }
        let heading = line(columns.map { Cell(text: $0.title, emphasis: .bold) }, widths, style)
        return ([heading] + rows.map { line($0, widths, style) }).joined(separator: "\n") + "\n"
    }

    private func line(_ cells: [Cell], _ widths: [Int], _ style: TextStyle) -> String {
        var result = ""
        for (index, cell) in cells.enumerated() {
            let gap = String(repeating: " ", count: widths[index] - cell.text.count)
            let shown = style.apply(cell.emphasis, cell.text)
            if index > 0 { result += "  " }
            if columns[index].alignsRight {
                result += gap + shown
            } else {
                result += shown + gap
            }
        }
        while result.hasSuffix(" ") { result.removeLast() }
        return result
    }
}
