/// A small graph of one line: a bar for each figure, the highest for the greatest.
enum Sparkline {
    private static let bars: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]

    static func text(_ figures: [Int]) -> String {
        let greatest = max(1, figures.max() ?? 1)
        return String(
            figures.map { figure in
                // What is more than nothing is seen to be.
                let height = figure <= 0 ? 0 : max(1, (figure * (bars.count - 1) + greatest - 1) / greatest)
                return bars[min(height, bars.count - 1)]
            })
    }
}
