/// The widths of a table's columns, where all of them must fit a line.
enum TableWidths {
    /// A column as it is before anything is narrowed, in cells.
    struct Column {
        /// Zero where headings are left out.
        var heading: Int
        /// The widest of its cells.
        var cells: Int
        /// Whether its cells are never cut: of a name a beginning helps, of a number or an id it misleads.
        var isWhole: Bool
        /// Whether its cells are single words, such as the names of queues and states: cut, they cannot be copied.
        var isName = false
        /// Whether others go for its sake.
        var isVital = false

        /// The widths below which it is not narrowed: first so that it can be read well, then so that its heading
        /// stays whole, then without regard to it.
        fileprivate var floors: [Int] {
            let whole = isWhole ? cells : 0
            let legible = isName ? min(cells, TableWidths.longestName) : isVital ? 20 : 10
            return [
                max(whole, heading, legible), max(whole, heading, TableWidths.least), max(whole, TableWidths.least),
            ].map { min($0, width) }
        }

        fileprivate var width: Int { max(heading, cells) }
    }

    /// The degree to which columns are narrowed.
    enum Narrowness: Int {
        /// Names stay whole, and of prose a beginning.
        case legible = 1
        case least = 3
    }

    /// The longest name that is kept whole at others' expense, in cells: that of an id.
    fileprivate static let longestName = 36
    /// The cells that a column keeps, however narrow the terminal is.
    fileprivate static let least = 6
    private static let gap = 2

    /// The widths with the widest columns narrowed until all fit; nil if they do not.
    ///
    /// - Parameter limit: The cells of a line; nil for as many as it takes.
    static func fitted(_ columns: [Column], to limit: Int?, _ narrowness: Narrowness) -> [Int]? {
        var widths = columns.map(\.width)
        guard let limit else { return widths }
        let available = limit - gap * max(0, widths.count - 1)
        for pass in 0..<narrowness.rawValue {
            let floors = columns.map { $0.floors[pass] }
            while widths.reduce(0, +) > available {
                let narrowable = widths.indices.filter { widths[$0] > floors[$0] }
                guard let widest = narrowable.max(by: { widths[$0] < widths[$1] }) else { break }
                widths[widest] -= 1
            }
            if widths.reduce(0, +) <= available { return widths }
        }
        return nil
    }
}
