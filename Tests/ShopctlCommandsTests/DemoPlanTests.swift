import Testing

@testable import ShopctlCommands

/// What a demonstration consists of.
@Suite struct DemoPlanTests {
    @Test("The same seed is the same demonstration, and another is another")
    func seeds() {
        let plan = DemoPlan(seed: 1, size: 24)
        #expect(plan.products == DemoPlan(seed: 1, size: 24).products)
        #expect(plan.orders == DemoPlan(seed: 1, size: 24).orders)
        #expect(plan.products != DemoPlan(seed: 2, size: 24).products)
        #expect(Set(plan.buyers.map(\.email)).isDisjoint(with: DemoPlan(seed: 2, size: 24).buyers.map(\.email)))
    }

    @Test("A larger demonstration begins with all of a smaller one", arguments: [4, 24, 39, 40, 100])
    func prefixes(size: Int) {
        let (small, large) = (DemoPlan(seed: 1, size: size), DemoPlan(seed: 1, size: 240))
        #expect(Array(large.products.prefix(size)) == small.products)
        #expect(Array(large.orders.prefix(size)) == small.orders)
        #expect(Array(large.buyers.prefix(small.buyers.count)) == small.buyers)
        #expect(Array(large.sellers.prefix(small.sellers.count)) == small.sellers)
    }

    @Test("Everybody can pay, there is enough of everything, and everything named is there", arguments: 1...20)
    func confirmed(seed: UInt64) {
        for size in [4, 24, 240, 2_000] {
            let plan = DemoPlan(seed: seed, size: size)
            let (products, orders) = (plan.products, plan.orders)
            var (spent, sold) = ([Int: Int64](), [Int: Int64]())
            for order in orders {
                for line in order.lines {
                    spent[order.buyer, default: 0] += line.quantity * products[line.product].price
                    sold[line.product, default: 0] += line.quantity
                }
            }
            #expect(spent.values.allSatisfy { $0 <= DemoPlan.balance })
            #expect(sold.allSatisfy { $1 <= products[$0].amount })
            #expect(orders.allSatisfy { (0..<plan.buyers.count).contains($0.buyer) && !$0.lines.isEmpty })
            #expect(products.allSatisfy { (0..<plan.sellers.count).contains($0.seller) && $0.price > 0 })
            #expect(Set(products.map(\.name)).count == size)
            let people = plan.buyers + plan.sellers
            #expect(Set(people.map(\.email)).count == people.count)
            for buyer in plan.buyers.indices.prefix(20) {
                #expect(plan.favourites(ofBuyer: buyer).allSatisfy { $0 < size })
                #expect(plan.cart(ofBuyer: buyer).allSatisfy { $0.product < size })
            }
        }
    }
}
