import FoundationEssentials

/// Columns for people: a heading, left-aligned cells, numbers to the right.
struct Table {
    struct Column {
        let title: String
        /// The name of the member that programs have for it.
        let name: String
        var alignsRight = false
        /// Whether it is shown only where it is asked for, or everything is.
        var isExtra = false

        static func left(_ title: String, _ name: String? = nil, extra: Bool = false) -> Column {
            Column(title: title, name: name ?? Self.name(title), isExtra: extra)
        }

        static func right(_ title: String, _ name: String? = nil, extra: Bool = false) -> Column {
            Column(title: title, name: name ?? Self.name(title), alignsRight: true, isExtra: extra)
        }

        private static func name(_ title: String) -> String {
            title.lowercased().split(separator: " ").joined(separator: "_")
        }
    }

    /// A cell's text, and how it stands out. The text is made fit for a terminal, wherever it comes from.
    struct Cell {
        enum Kind: Equatable {
            case text
            case id
            case time(Date)
        }

        var text: String
        var emphasis = Emphasis.none
        var kind = Kind.text

        init(text: String, emphasis: Emphasis = .none) {
            self.text = Printable.line(text)
            self.emphasis = emphasis
        }

        static func plain(_ text: String) -> Cell { Cell(text: text) }
        static func styled(_ text: String, _ emphasis: Emphasis) -> Cell { Cell(text: text, emphasis: emphasis) }

        /// An id, which may be cut where that stays unique.
        static func id(_ text: String, _ emphasis: Emphasis = .none) -> Cell {
            var cell = Cell(text: text, emphasis: emphasis)
            cell.kind = .id
            return cell
        }

        /// A time; nothing for nil.
        static func time(_ date: Date?, _ emphasis: Emphasis = .none) -> Cell {
            guard let date else { return Cell(text: "-") }
            var cell = Cell(text: Timestamp.text(date), emphasis: emphasis)
            cell.kind = .time(date)
            return cell
        }
    }

    let columns: [Column]
    private(set) var rows: [[Cell]] = []

    init(_ columns: [Column]) {
        self.columns = columns
    }

    mutating func add(_ cells: [Cell]) { rows.append(cells) }
    mutating func add(texts: [String]) { rows.append(texts.map(Cell.plain)) }

    func text(_ style: TextStyle) -> String {
        let shown = chosen(style)
        var grid = rows.map { row in shown.map { shape(row[$0], style) } }
        if style.shortensIDs, !style.isWide { shortenIDs(&grid) }
        let titles = shown.map { Cell(text: columns[$0].title, emphasis: .bold) }
        let lines = (style.hasHeadings ? [titles] : []) + grid
        let widths = TableWidths.fitted(
            shown.indices.map { column in lines.map { CellWidth.of($0[column].text) }.max() ?? 0 },
            headings: style.hasHeadings ? titles.map { CellWidth.of($0.text) } : [],
            whole: Set(shown.indices.filter { column in grid.contains { $0[column].kind == .id } }),
            to: style.isWide ? nil : style.width)
        let alignsRight = shown.map { columns[$0].alignsRight }
        return lines.map { line($0, widths, alignsRight, style) + "\n" }.joined()
    }

    /// The places of the columns to show, in their order.
    private func chosen(_ style: TextStyle) -> [Int] {
        guard let names = style.columns else {
            return columns.indices.filter { style.isWide || !columns[$0].isExtra }
        }
        return names.compactMap { name in columns.firstIndex { $0.isCalled(name) } }
    }

    private func shape(_ cell: Cell, _ style: TextStyle) -> Cell {
        guard case .time(let date) = cell.kind, !style.isWide, let now = style.now else { return cell }
        var cell = cell
        cell.text = Timestamp.ago(date, now: now)
        return cell
    }

    private func shortenIDs(_ grid: inout [[Cell]]) {
        // All ids together: one saga is told from another wherever it stands.
        let places = grid.indices.flatMap { row in
            grid[row].indices.filter { grid[row][$0].kind == .id && !grid[row][$0].text.isEmpty }.map { (row, $0) }
        }
        let cut = ShortID.cut(places.map { grid[$0.0][$0.1].text })
        for ((row, column), text) in zip(places, cut) { grid[row][column].text = text }
    }

    private func line(_ cells: [Cell], _ widths: [Int], _ alignsRight: [Bool], _ style: TextStyle) -> String {
        var result = ""
        // Blanks are written only before what follows them, so that no line ends with one.
        var blanks = 0
        for (index, cell) in cells.enumerated() {
            let text = CellWidth.fitted(cell.text, to: widths[index])
            let gap = widths[index] - CellWidth.of(text)
            if index > 0 { blanks += 2 }
            if alignsRight[index] { blanks += gap }
            if !text.isEmpty {
                result += String(repeating: " ", count: blanks) + style.apply(cell.emphasis, text)
                blanks = 0
            }
            if !alignsRight[index] { blanks += gap }
        }
        return result
    }
}

extension Table.Column {
    /// Whether that is its name for programs or its heading, in capitals or not.
    func isCalled(_ word: String) -> Bool {
        let wanted = word.lowercased()
        return wanted == name || wanted == title.lowercased()
            || wanted == title.lowercased().split(separator: " ").joined(separator: "_")
    }
}
