/// A table's cells put into lines that fit a terminal.
///
/// Prose is cut a little first. Then columns go: those without anything in them, minor ones, and then the ones furthest
/// to the right. Only where two are left are names cut, which somebody may want to copy; where even that does not help,
/// or columns were asked for by name and do not fit, each row becomes a block of its own.
struct TableLayout {
    let columns: [Table.Column]
    let rows: [[Table.Cell]]
    let dropsColumns: Bool
    let style: TextStyle

    var text: String {
        var kept = Array(columns.indices)
        var widths = self.widths(kept, .legible)
        while widths == nil, kept.count > 2, let place = leastImportant(kept) {
            kept.remove(at: place)
            widths = self.widths(kept, .legible)
        }
        widths = widths ?? self.widths(kept, .least)
        while widths == nil, let place = leastImportant(kept) {
            kept.remove(at: place)
            widths = self.widths(kept, .least)
        }
        guard let widths else { return blocks }
        let heading = kept.map { Table.Cell(text: columns[$0].title, emphasis: .bold) }
        let lines =
            (style.hasHeadings ? [heading] : []) + rows.flatMap { row in wrapped(kept.map { row[$0] }, widths, kept) }
        return lines.map { line($0, widths, kept) + "\n" }.joined() + note(without: kept)
    }

    private var limit: Int? { style.isWide ? nil : style.width }

    private func widths(_ kept: [Int], _ narrowness: TableWidths.Narrowness) -> [Int]? {
        TableWidths.fitted(
            kept.map { column in
                TableWidths.Column(
                    heading: style.hasHeadings ? CellWidth.of(columns[column].title) : 0,
                    cells: rows.map { CellWidth.of($0[column].text) }.max() ?? 0, isWhole: isWhole(column),
                    isName: !rows.contains { $0[column].text.contains(" ") }, isVital: columns[column].isVital)
            }, to: limit, narrowness)
    }

    /// A row as the rows that its longest text takes.
    private func wrapped(_ cells: [Table.Cell], _ widths: [Int], _ kept: [Int]) -> [[Table.Cell]] {
        guard kept.contains(where: { columns[$0].wraps }) else { return [cells] }
        let texts = cells.indices.map { index in
            columns[kept[index]].wraps ? CellWidth.wrapped(cells[index].text, to: widths[index]) : [cells[index].text]
        }
        return (0..<(texts.map(\.count).max() ?? 1)).map { line in
            cells.indices.map { index in
                var cell = cells[index]
                cell.text = line < texts[index].count ? texts[index][line] : ""
                return cell
            }
        }
    }

    private func isWhole(_ column: Int) -> Bool {
        columns[column].isWhole || rows.contains { $0[column].kind != .text }
    }

    private func isEmpty(_ column: Int) -> Bool { rows.allSatisfy { ["", "-"].contains($0[column].text) } }

    /// The place among those kept of the one that goes first; nil if none may.
    private func leastImportant(_ kept: [Int]) -> Int? {
        guard dropsColumns else { return nil }
        let places = kept.indices.dropFirst()
        return places.last { isEmpty(kept[$0]) } ?? places.last { columns[kept[$0]].isMinor }
            ?? places.last { !columns[kept[$0]].isVital }
    }

    /// A line about the columns that are not there; nothing where none of them has anything in it.
    private func note(without kept: [Int]) -> String {
        guard columns.indices.contains(where: { !kept.contains($0) && !isEmpty($0) }) else { return "" }
        let count = columns.count - kept.count
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
                let text =
                    isWhole(column) || columns[column].wraps ? cell.text : CellWidth.fitted(cell.text, to: space)
                return (name.isEmpty ? "" : style.bold(name)) + style.apply(cell.emphasis, text) + "\n"
            }.joined()
        }.joined(separator: "\n")
    }
}
