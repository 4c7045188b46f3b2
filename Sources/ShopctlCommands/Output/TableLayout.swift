/// A table's cells put into lines that fit a terminal.
///
/// Texts are cut first. What may not be cut makes the columns furthest to the right go; where even that does not help, or
/// they were asked for by name, each row becomes a block of its own.
struct TableLayout {
    let columns: [Table.Column]
    let rows: [[Table.Cell]]
    let dropsColumns: Bool
    let style: TextStyle

    var text: String {
        var kept = Array(columns.indices)
        var widths = self.widths(kept)
        while widths == nil, let place = leastImportant(kept) {
            kept.remove(at: place)
            widths = self.widths(kept)
        }
        guard let widths else { return blocks }
        let heading = kept.map { Table.Cell(text: columns[$0].title, emphasis: .bold) }
        let lines = (style.hasHeadings ? [heading] : []) + rows.map { row in kept.map { row[$0] } }
        return lines.map { line($0, widths, kept) + "\n" }.joined() + note(without: kept)
    }

    private var limit: Int? { style.isWide ? nil : style.width }

    private func widths(_ kept: [Int]) -> [Int]? {
        TableWidths.fitted(
            kept.map { column in
                TableWidths.Column(
                    heading: style.hasHeadings ? CellWidth.of(columns[column].title) : 0,
                    cells: rows.map { CellWidth.of($0[column].text) }.max() ?? 0, isWhole: isWhole(column))
            }, to: limit)
    }

    private func isWhole(_ column: Int) -> Bool {
        columns[column].isWhole || rows.contains { $0[column].kind != .text }
    }

    private func isEmpty(_ column: Int) -> Bool { rows.allSatisfy { $0[column].text.isEmpty } }

    /// The place among those kept of the one that goes first; nil if none may.
    private func leastImportant(_ kept: [Int]) -> Int? {
        guard dropsColumns else { return nil }
        let places = kept.indices.dropFirst()
        return places.last { isEmpty(kept[$0]) } ?? places.last { !columns[kept[$0]].isVital }
    }

    /// A line about the columns that are not there; nothing for those without anything in them.
    private func note(without kept: [Int]) -> String {
        let count = columns.indices.count { !kept.contains($0) && !isEmpty($0) }
        guard count > 0 else { return "" }
        return style.apply(.dim, "\(count) \(count == 1 ? "column" : "columns") left out: see -o wide") + "\n"
    }

    private func line(_ cells: [Table.Cell], _ widths: [Int], _ kept: [Int]) -> String {
        var result = ""
        // Blanks are written only before what follows them, so that no line ends with one.
        var blanks = 0
        for (index, cell) in cells.enumerated() {
            let alignsRight = columns[kept[index]].alignsRight
            let text = CellWidth.fitted(cell.text, to: widths[index])
            let gap = widths[index] - CellWidth.of(text)
            if index > 0 { blanks += 2 }
            if alignsRight { blanks += gap }
            if !text.isEmpty {
                result += String(repeating: " ", count: blanks) + style.apply(cell.emphasis, text)
                blanks = 0
            }
            if !alignsRight { blanks += gap }
        }
        return result
    }

    /// A line for each cell that has something in it, and an empty one between rows.
    private var blocks: String {
        rows.map { row in
            row.indices.filter { !row[$0].text.isEmpty }.map { column in
                let name = style.hasHeadings ? columns[column].title.lowercased() + ": " : ""
                let space = max(1, (limit ?? .max) - CellWidth.of(name))
                let cell = row[column]
                let text = isWhole(column) ? cell.text : CellWidth.fitted(cell.text, to: space)
                return (name.isEmpty ? "" : style.bold(name)) + style.apply(cell.emphasis, text) + "\n"
            }.joined()
        }.joined(separator: "\n")
    }
}
