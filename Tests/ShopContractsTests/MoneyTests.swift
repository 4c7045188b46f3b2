import ShopContracts
import Testing

@Suite("Money")
struct MoneyTests {
    @Test(
        "Amounts for people have two digits after the point",
        arguments: zip(
            [0, 5, 1990, -5, .min],
            [
                "0.00 RUB", "0.05 RUB", "19.90 RUB", "-0.05 RUB", "-92233720368547758.08 RUB",
            ]))
    func text(_ minor: Int64, _ text: String) {
        #expect(Money.text(minor, "RUB") == text)
    }

    @Test("Lines add up")
    func total() throws {
        #expect(try Money.total(of: [(quantity: 2, unitPrice: 1990), (quantity: 1, unitPrice: 5)]) == 3985)
        #expect(try Money.total(of: []) == 0)
        #expect(try Money.total(of: [(quantity: 1, unitPrice: .max)]) == .max)
    }

    @Test(
        "What no amount holds is no total",
        arguments: [
            [(quantity: Int64.max, unitPrice: Int64(2))],
            [(quantity: Int64(1), unitPrice: Int64.max), (quantity: Int64(1), unitPrice: Int64(1))],
        ])
    func overflow(_ lines: [(quantity: Int64, unitPrice: Int64)]) {
        #expect(throws: Money.Overflow()) { try Money.total(of: lines) }
    }
}
