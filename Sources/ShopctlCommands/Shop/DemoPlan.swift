/// A demonstration's people, catalogue and orders, as a seed and a size tell them: pure, and the same every time.
///
/// Each item follows from the seed and its own number, so that a larger plan begins with all of a smaller one.
struct DemoPlan: Sendable {
    enum Part: String, Sendable {
        case buyer
        case seller
    }

    struct Person: Sendable, Equatable {
        let part: Part
        let name: String
        let email: String
    }

    struct Product: Sendable, Equatable {
        /// The place among the sellers.
        let seller: Int
        let name: String
        let category: String
        let description: String
        /// Minor units.
        let price: Int64
        let amount: Int64
    }

    /// So many of a product.
    struct Line: Sendable, Hashable {
        /// The place among the products.
        let product: Int
        let quantity: Int64
    }

    struct Order: Sendable, Equatable {
        /// The place among the buyers.
        let buyer: Int
        let lines: [Line]
    }

    struct Review: Sendable, Equatable {
        let buyer: Int
        let product: Int
        let evaluation: Int64
        let text: String
    }

    /// The sizes that have a plan.
    static let sizes = 4...2_000
    /// The balance with which a buyer begins, in minor units: more than all of their orders cost.
    static let balance: Int64 = 10_000_000

    let seed: UInt64
    /// The number of products, and of orders.
    let size: Int

    var sellers: [Person] { (0..<max(2, size / 24)).map { person($0, .seller) } }
    var buyers: [Person] { (0..<max(4, size / 8)).map { person($0, .buyer) } }
    var products: [Product] { (0..<size).map(product) }
    var orders: [Order] { (0..<size).map(order) }

    /// Two of three orders are reviewed, each buyer's opinion of a product once.
    var reviews: [Review] {
        var reviewed: Set<[Int]> = []
        return orders.enumerated().compactMap { index, order in
            var random = DemoRandom(seed, "review", index)
            guard index % 3 != 2, let line = order.lines.first,
                reviewed.insert([order.buyer, line.product]).inserted
            else { return nil }
            let evaluation = random.pick([5, 5, 5, 4, 4, 3, 2])
            return Review(
                buyer: order.buyer, product: line.product, evaluation: Int64(evaluation),
                text: random.pick(DemoWords.opinions[evaluation] ?? []))
        }
    }

    /// The places of the products that a buyer likes.
    func favourites(ofBuyer buyer: Int) -> [Int] {
        var random = DemoRandom(seed, "favourites", buyer)
        return random.several(of: buyer < 4 ? 4 : buyer * 8, 2...4)
    }

    /// The contents of a buyer's cart: nothing that they have ordered, since a purchase takes its lines out of it.
    func cart(ofBuyer buyer: Int) -> [Line] {
        var random = DemoRandom(seed, "cart", buyer)
        let ordered = Set(orders.filter { $0.buyer == buyer }.flatMap(\.lines).map(\.product))
        return random.several(of: size, 1...3).filter { !ordered.contains($0) }
            .map { Line(product: $0, quantity: Int64(random.int(1...3))) }
    }

    private func person(_ index: Int, _ part: Part) -> Person {
        var random = DemoRandom(seed, part.rawValue, index)
        let (first, last) = (random.pick(DemoWords.firstNames), random.pick(DemoWords.lastNames))
        let address = "\(first).\(last)-\(seed)-\(part.rawValue.prefix(1))\(index + 1)".lowercased()
        return Person(part: part, name: "\(first) \(last)", email: "\(address)@\(DemoWords.domain)")
    }

    /// The product of a place.
    func product(_ index: Int) -> Product {
        var random = DemoRandom(seed, "product", index)
        let category = DemoWords.categories[index % DemoWords.categories.count]
        let (adjective, noun) = (random.pick(DemoWords.adjectives), random.pick(category.nouns))
        return Product(
            seller: random.int(0...max(2, index / 24) - 1), name: "\(adjective) \(noun) \(index + 1)",
            category: category.name, description: "\(random.pick(DemoWords.descriptions))",
            price: Int64(random.int(2...200)) * 100 - 10, amount: Int64(random.int(10...50)) * 10)
    }

    private func order(_ index: Int) -> Order {
        var random = DemoRandom(seed, "order", index)
        let buyer = random.int(0...max(4, index / 8) - 1)
        let products = random.several(of: max(4, index), 1...3)
        return Order(buyer: buyer, lines: products.map { Line(product: $0, quantity: Int64(random.int(1...2))) })
    }
}

/// Random numbers of one item of a plan (SplitMix64).
struct DemoRandom: Sendable {
    private var state: UInt64

    init(_ seed: UInt64, _ kind: String, _ index: Int) {
        // FNV-1a, since the standard library's hashes differ from run to run.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in "\(seed)/\(kind)/\(index)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        state = hash
    }

    private mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number of a range; small ranges, so that the bias of the remainder does not matter.
    mutating func int(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(next() % UInt64(range.count))
    }

    /// An element of a list that is not empty.
    mutating func pick<Element>(_ list: [Element]) -> Element { list[int(0...list.count - 1)] }

    /// Some of the numbers below a bound, each once, in ascending order.
    mutating func several(of bound: Int, _ count: ClosedRange<Int>) -> [Int] {
        var chosen: Set<Int> = []
        let wanted = min(bound, int(count))
        while chosen.count < wanted { chosen.insert(int(0...bound - 1)) }
        return chosen.sorted()
    }
}
