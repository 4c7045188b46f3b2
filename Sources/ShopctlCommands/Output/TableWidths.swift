/// The widths of a table's columns, where all of them must fit a line.
enum TableWidths {
    /// The cells that a column keeps, however narrow the terminal is.
    private static let least = 6
    private static let gap = 2

    /// The widths with the widest columns narrowed until all fit.
    ///
    /// - Parameters:
    ///   - headings: The widths of the headings, which stay whole as long as there is anything else to narrow.
    ///   - whole: The columns that are never narrowed: of a name a beginning helps, of an id it does not.
    ///   - limit: The cells of a line; nil for as many as it takes.
    static func fitted(_ widths: [Int], headings: [Int], whole: Set<Int> = [], to limit: Int?) -> [Int] {
        guard let limit else { return widths }
        var widths = widths
        let available = limit - gap * max(0, widths.count - 1)
        for floor in [headings, []] {
            let least = widths.indices.map { max(Self.least, $0 < floor.count ? floor[$0] : 0) }
            while widths.reduce(0, +) > available {
                let narrowable = widths.indices.filter { widths[$0] > least[$0] && !whole.contains($0) }
                guard let widest = narrowable.max(by: { widths[$0] < widths[$1] }) else { break }
                widths[widest] -= 1
            }
        }
        return widths
    }
}
