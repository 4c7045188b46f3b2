import Testing

@testable import ShopctlCommands

@Suite("Graphs of one line")
struct SparklineTests {
    @Test("The greatest figure has the highest bar, nothing the lowest, and a little is seen")
    func bars() {
        #expect(Sparkline.text([]) == "" && Sparkline.text([0, 0]) == "▁▁")
        #expect(Sparkline.text([0, 1, 2, 3, 4, 5, 6, 7]) == "▁▂▃▄▅▆▇█")
        #expect(Sparkline.text([1_000, 1, 0]) == "█▂▁" && Sparkline.text([5, -1]) == "█▁")
    }
}
