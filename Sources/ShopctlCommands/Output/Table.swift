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
        /// Whether its cells are never cut, as those to the right and ids never are.
        var isWhole = false
        /// Whether others are left out for its sake where not all fit; the first column always stays.
        var isVital = false
        /// Whether it is left out before others that have something in them.
        var isMinor = false
        /// Whether its texts go on in further lines instead of being cut.
        var wraps = false

        static func left(
            _ title: String, _ name: String? = nil, extra: Bool = false, whole: Bool = false, vital: Bool = false,
            minor: Bool = false, wraps: Bool = false
        ) -> Column {
            Column(
                title: title, name: name ?? Self.name(title), isExtra: extra, isWhole: whole, isVital: vital,
                isMinor: minor, wraps: wraps)
        }

        static func right(
            _ title: String, _ name: String? = nil, extra: Bool = false, vital: Bool = false, minor: Bool = false
        ) -> Column {
            Column(
                title: title, name: name ?? Self.name(title), alignsRight: true, isExtra: extra, isWhole: true,
                isVital: vital, isMinor: minor)
        }

        static func name(_ title: String) -> String {
            title.lowercased().split(separator: " ").joined(separator: "_")
        }
    }

    /// A cell's text, and how it stands out. The text is made fit for a terminal, wherever it comes from.
    struct Cell {
        enum Kind: Equatable {
            case text
            case id
            case time(Date)
            /// A time of which it matters how far it is from its neighbours'.
            case clock(Date)
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

        /// A time in a course of events: by the clock on a terminal.
        static func clock(_ date: Date) -> Cell {
            var cell = Cell(text: Timestamp.text(date))
            cell.kind = .clock(date)
            return cell
        }

        /// A time that came as RFC 3339; nothing for an empty text.
        static func time(text: String) -> Cell {
            guard !text.isEmpty, let date = Timestamp.date(text) else { return Cell(text: text.isEmpty ? "-" : text) }
            var cell = Cell(text: text)
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
        return TableLayout(
            columns: shown.map { columns[$0] }, rows: grid, dropsColumns: style.columns == nil, style: style
        ).text
    }

    /// The places of the columns to show, in their order.
    private func chosen(_ style: TextStyle) -> [Int] {
        guard let names = style.columns else {
            return columns.indices.filter { style.isWide || !columns[$0].isExtra }
        }
        return names.compactMap { name in columns.firstIndex { $0.isCalled(name) } }
    }

    private func shape(_ cell: Cell, _ style: TextStyle) -> Cell {
        guard !style.isWide, let now = style.now else { return cell }
        var cell = cell
        switch cell.kind {
        case .time(let date): cell.text = Timestamp.ago(date, now: now)
        case .clock(let date): cell.text = Timestamp.clock(date, now: now)
        case .text, .id: break
        }
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
}

extension Table.Column {
    /// Whether that is its name for programs or its heading, in capitals or not.
    func isCalled(_ word: String) -> Bool {
        let wanted = word.lowercased()
        return wanted == name || wanted == title.lowercased()
            || wanted == Self.name(title)
    }
}
