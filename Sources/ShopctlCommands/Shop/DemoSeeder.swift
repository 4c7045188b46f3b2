import GRPCCore
import Hosting
import ShopContracts
import ShopProtos
import SwiftProtobuf
import Telemetry

/// The result of a seeding.
struct DemoOutcome: Sendable {
    /// So many that were made, and so many that were there.
    struct Count: Sendable, Equatable {
        var made = 0
        var found = 0
    }

    struct Person: Sendable {
        let id: Int64
        let person: DemoPlan.Person
        let isNew: Bool
    }

    var people: [Person] = []
    var products = Count()
    /// The products' ids, by their places in the plan.
    var catalogue: [Int64] = []
    var topUps = Count()
    var favourites = 0
    var cartLines = 0
    var orders = Count()
    var confirmed = 0
    /// Placed orders that were rejected.
    var rejected = 0
    /// Placed orders that are not settled yet.
    var open = 0
    var reviews = 0
}

/// Carries a plan out by the services' RPCs, each deed in the name of whom it belongs to.
struct DemoSeeder {
    /// The time the last orders may take to be settled.
    private static let patience = Duration.seconds(120)

    let plan: DemoPlan
    let accounts: DemoAccounts
    let peers: Peers
    let issuer: TokenIssuer
    let progress: SeedProgress

    private var outcome = DemoOutcome()
    private var tokens: [Int64: String] = [:]
    private var sellers: [Int64] = []
    private var buyers: [Int64] = []
    /// The authors of a product's reviews, once they were asked for.
    private var reviewers: [Int64: Set<Int64>] = [:]
    private var products: [Int64] { outcome.catalogue }

    init(plan: DemoPlan, accounts: DemoAccounts, peers: Peers, issuer: TokenIssuer, progress: SeedProgress) {
        self.plan = plan
        self.accounts = accounts
        self.peers = peers
        self.issuer = issuer
        self.progress = progress
    }

    /// The number of steps that a plan takes.
    static func steps(of plan: DemoPlan) -> Int {
        plan.sellers.count + plan.buyers.count * 3 + plan.products.count + plan.orders.count * 2 + plan.reviews.count
    }

    /// Does all that is missing.
    ///
    /// - Throws: ``CommandFailure``, `RPCError`: what was done until then stays, and is found by the next run.
    mutating func run() async throws -> DemoOutcome {
        for person in plan.sellers { sellers.append(try await open(person)) }
        for person in plan.buyers { buyers.append(try await open(person)) }
        try await sell()
        for buyer in buyers { try await topUp(buyer) }
        for (index, buyer) in buyers.enumerated() { try await like(index, buyer) }
        try await order()
        for review in plan.reviews { try await post(review) }
        return outcome
    }

    /// Whether an account was made.
    var hasOpened: Bool { outcome.people.contains(where: \.isNew) }

    private mutating func open(_ person: DemoPlan.Person) async throws -> Int64 {
        let (id, isNew) = try await accounts.open(person)
        outcome.people.append(.init(id: id, person: person, isNew: isNew))
        progress.step(person.name)
        return id
    }

    // MARK: - Catalogue and customers

    private mutating func sell() async throws {
        let known = try await call(as: 1, .admin) { try await $0.products.getCategories(.init()) }.categories
        var found: [Int64: [String: Int64]] = [:]
        for seller in sellers {
            let reply = try await call(as: seller) { peers in
                try await peers.products.getUserProducts(.with { $0.userID = seller })
            }
            found[seller] = Dictionary(reply.products.map { ($0.name, $0.id) }) { first, _ in first }
        }
        for product in plan.products {
            let seller = sellers[product.seller]
            if let id = found[seller]?[product.name] {
                outcome.catalogue.append(id)
                outcome.products.found += 1
            } else {
                // An operator may have other categories by now.
                let category = known.contains(product.category) ? product.category : known.first ?? product.category
                let reply = try await call(as: seller, isRepeatable: false) { peers in
                    try await peers.products.postProduct(
                        .with {
                            $0.name = product.name
                            $0.amount = product.amount
                            $0.price = product.price
                            $0.category = category
                            $0.description_p = product.description
                            $0.userID = seller
                        })
                }
                outcome.catalogue.append(reply.id)
                outcome.products.made += 1
            }
            progress.step(product.name)
        }
    }

    private mutating func topUp(_ buyer: Int64) async throws {
        if try await hasMoney(buyer) {
            outcome.topUps.found += 1
        } else {
            let key = "demo-\(plan.seed)-top-up-\(buyer)"
            _ = try await call(as: 1, .admin) { peers in
                try await peers.customers.topUp(
                    .with {
                        $0.userID = buyer
                        $0.amount = DemoPlan.balance
                        $0.idempotencyKey = key
                    })
            }
            outcome.topUps.made += 1
        }
        progress.step("money for user \(buyer)")
    }

    /// Whether the buyer has had their money: an idempotency key is kept for a day, the ledger for ever.
    private mutating func hasMoney(_ buyer: Int64) async throws -> Bool {
        var cursor = ""
        repeat {
            let from = cursor
            let page = try await call(as: buyer) { peers in
                try await peers.customers.getStatement(
                    .with {
                        $0.userID = buyer
                        $0.pageSize = 200
                        $0.cursor = from
                    })
            }
            if page.entries.contains(where: { $0.kind == "top_up" && $0.amount == DemoPlan.balance }) { return true }
            cursor = page.nextCursor
        } while !cursor.isEmpty
        return false
    }

    private mutating func like(_ index: Int, _ buyer: Int64) async throws {
        for place in plan.favourites(ofBuyer: index) {
            let product = products[place]
            _ = try await call(as: buyer) { peers in
                try await peers.liked.postLiked(
                    .with {
                        $0.userID = buyer
                        $0.productID = product
                    })
            }
            outcome.favourites += 1
        }
        let cart = try await call(as: buyer) { try await $0.customers.getCart(.with { $0.userID = buyer }) }
        let kept = Set(cart.lines.map(\.productID))
        for line in plan.cart(ofBuyer: index) {
            let product = products[line.product]
            outcome.cartLines += 1
            // Its owner may want another amount by now.
            guard !kept.contains(product) else { continue }
            _ = try await call(as: buyer) { peers in
                try await peers.customers.setCartAmount(
                    .with {
                        $0.userID = buyer
                        $0.productID = product
                        $0.amount = line.quantity
                    })
            }
        }
        progress.step("favourites and cart of user \(buyer)")
    }

    private mutating func post(_ review: DemoPlan.Review) async throws {
        let (buyer, product) = (buyers[review.buyer], products[review.product])
        if reviewers[product] == nil {
            let found = try await call(as: buyer) { peers in
                try await peers.reviews.getProductReviews(.with { $0.productID = product })
            }
            reviewers[product] = Set(found.reviews.map(\.userID))
        }
        // Posting again would undo what its author has made of it.
        if reviewers[product]?.insert(buyer).inserted == true {
            _ = try await call(as: buyer) { peers in
                try await peers.reviews.postReview(
                    .with {
                        $0.text = review.text
                        $0.evaluation = review.evaluation
                        $0.productID = product
                        $0.userID = buyer
                    })
            }
        }
        outcome.reviews += 1
        progress.step("a review of product \(product)")
    }

    // MARK: - Orders

    /// Places the orders that are not there, then awaits all.
    private mutating func order() async throws {
        var present: [Int64: DemoOrders] = [:]
        var placed: [Orders_Order] = []
        for (index, order) in plan.orders.enumerated() {
            let buyer = buyers[order.buyer]
            let lines = order.lines.map { (product: products[$0.product], quantity: $0.quantity) }
            if present[buyer] == nil {
                let reply = try await call(as: buyer) { peers in
                    try await peers.orders.getOrders(.with { $0.userID = buyer })
                }
                present[buyer] = DemoOrders(reply.orders)
            }
            if let found = present[buyer]?.take(lines) {
                placed.append(found)
                outcome.orders.found += 1
            } else {
                // One that was rejected is placed anew, under a key of its own.
                let attempt = present[buyer]?.rejections(of: lines) ?? 0
                let key = "demo-\(plan.seed)-order-\(index)-\(attempt)"
                let reply = try await call(as: buyer) { peers in
                    try await peers.orders.placeOrder(
                        .with {
                            $0.userID = buyer
                            $0.items = lines.map { line in
                                .with {
                                    $0.productID = line.product
                                    $0.quantity = line.quantity
                                }
                            }
                            $0.idempotencyKey = key
                        })
                }
                placed.append(reply.order)
                outcome.orders.made += 1
            }
            progress.step("an order of user \(buyer)")
        }
        try await settle(placed)
    }

    private mutating func settle(_ placed: [Orders_Order]) async throws {
        let end = ContinuousClock.now + Self.patience
        for order in placed {
            let settled = try await call(as: order.userID) { peers in
                await OrderOutcome.wait(for: order, until: end, peers.orders).order
            }
            switch OrderState(rawValue: settled.state) {
            case .confirmed: outcome.confirmed += 1
            case .rejected: outcome.rejected += 1
            case .pending: outcome.open += 1
            case .cancelling, .cancelled, nil: break
            }
            progress.step("order \(order.id) is \(settled.state)")
        }
    }

    // MARK: - Calls

    /// Makes a call in a user's name, and again where the shop has no room for it just then.
    ///
    /// - Parameter isRepeatable: Whether it may be made again although it may have been carried out.
    private mutating func call<Reply: Sendable>(
        as user: Int64, _ role: ShopRole = .customer, isRepeatable: Bool = true,
        _ body: (Peers) async throws -> Reply
    ) async throws -> Reply {
        let token = try await token(user, role)
        for attempt in 1... {
            do {
                return try await CallContext(requestID: RequestID.new(), token: token).run {
                    try await body(peers)
                }
            } catch {
                let refusal = ServiceError(mapping: error)
                let isOpen = refusal.leavesOutcomeOpen || refusal.code == .deadlineExceeded
                let mayPass = isOpen || [.unavailable, .aborted, .resourceExhausted].contains(refusal.code)
                guard mayPass, isRepeatable || !isOpen, attempt < 6 else { throw error }
                progress.say("waiting: \(refusal.message)")
                try await Task.sleep(for: refusal.retryAfter ?? .seconds(1))
            }
        }
        throw CancellationError()
    }

    private mutating func token(_ user: Int64, _ role: ShopRole) async throws -> String {
        if role == .customer, let token = tokens[user] { return token }
        let token = try await issuer.issue(
            subject: user, role: role, actor: Identity.operatorActor, ttl: .seconds(3600)
        ).token
        if role == .customer { tokens[user] = token }
        return token
    }
}

/// A buyer's orders, by what was ordered.
struct DemoOrders {
    private var standing: [[Int64: Int64]: [Orders_Order]] = [:]
    private var rejected: [[Int64: Int64]: Int] = [:]

    init(_ orders: [Orders_Order]) {
        for order in orders {
            let lines = Self.key(order.products.map { (product: $0.productID, quantity: $0.quantity) })
            if order.state == OrderState.rejected.rawValue {
                rejected[lines, default: 0] += 1
            } else {
                standing[lines, default: []].append(order)
            }
        }
    }

    /// An order of these lines that was not rejected; each once.
    mutating func take(_ lines: [(product: Int64, quantity: Int64)]) -> Orders_Order? {
        standing[Self.key(lines)]?.popLast()
    }

    /// The number of orders of these lines that were rejected.
    func rejections(of lines: [(product: Int64, quantity: Int64)]) -> Int { rejected[Self.key(lines)] ?? 0 }

    private static func key(_ lines: [(product: Int64, quantity: Int64)]) -> [Int64: Int64] {
        Dictionary(lines.map { ($0.product, $0.quantity) }) { $0 + $1 }
    }
}
