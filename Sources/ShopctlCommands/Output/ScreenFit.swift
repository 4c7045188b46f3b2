/// Text that is shown again and again, made to fit a terminal's height: its first lines would leave the screen else.
struct ScreenFit {
    /// The cells of a line; nil for as many as it takes.
    let width: Int?
    let height: Int

    /// The text with fewer lines: empty ones go first, then the end of all but the last section, which tells of what
    /// needs a hand.
    func fitted(_ text: String) -> String {
        // One line is the cursor's, and one is for a note beside the result.
        let space = max(3, height - 2)
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        guard rows(lines) > space else { return text }
        let lastSection = lines.lastIndex(of: "").map { Array(lines[($0 + 1)...]) } ?? []
        lines.removeAll { $0.isEmpty }
        guard rows(lines) > space else { return lines.joined(separator: "\n") + "\n" }
        let end = kept(lastSection, in: space / 2)
        let head = kept(Array(lines.dropLast(lastSection.count)), in: space - 1 - rows(end))
        let left = lines.count - head.count - end.count
        return (head + ["… \(left) more \(left == 1 ? "line" : "lines"): the terminal is too low"] + end)
            .joined(separator: "\n") + "\n"
    }

    /// As many of the first lines as there is room for.
    private func kept(_ lines: [String], in space: Int) -> [String] {
        var used = 0
        return Array(
            lines.prefix { line in
                used += rows(of: line)
                return used <= space
            })
    }

    private func rows(_ lines: [String]) -> Int { lines.reduce(0) { $0 + rows(of: $1) } }

    /// The rows that a line takes on the screen.
    private func rows(of line: String) -> Int {
        guard let width, width > 0 else { return 1 }
        return max(1, (CellWidth.of(Self.uncoloured(line)) + width - 1) / width)
    }

    private static func uncoloured(_ line: String) -> String {
        line.split(separator: "\u{1B}", omittingEmptySubsequences: false).enumerated().map { index, part in
            index == 0 ? String(part) : String(part.drop { $0 != "m" }.dropFirst())
        }.joined()
    }
}
