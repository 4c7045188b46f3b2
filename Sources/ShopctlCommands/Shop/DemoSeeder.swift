import GRPCCore
import Hosting
import ShopContracts
import ShopProtos
import SwiftProtobuf
import Telemetry

/// Carries a plan out by the services' RPCs, each deed in the name of whom it belongs to; or looks what there would be to
/// do.
struct DemoSeeder {
    /// The time the last orders may take to be settled.
    private static let patience = Duration.seconds(120)

    /// An account that is opened, or was there; of a rehearsal without an id, if it would be opened.
    typealias Account = (id: Int64?, isNew: Bool)

    let plan: DemoPlan
    /// Opens somebody's account, or finds the one that is there.
    let account: (DemoPlan.Person) async throws -> Account
    let peers: Peers
    let issuer: TokenIssuer
    let progress: SeedProgress
    /// Whether everything is looked for, and nothing is done.
    let isRehearsal: Bool

    private var outcome = DemoOutcome()
    private var tokens: [Int64: String] = [:]
    private var sellers: [Int64] = []
    private var buyers: [Int64] = []
    /// The authors of a product's reviews, once they were asked for.
    private var reviewers: [Int64: Set<Int64>] = [:]
    /// The buyers' orders, and those of the plan among them, by their places in it.
    private var orders: [Int64: DemoOrders] = [:]
    private var present: [Orders_Order?] = []
    private var products: [Int64?] { outcome.catalogue }

    /// Ids of who and what would be made: those that are there have positive ones.
    private var nextMissing: Int64 = -1

    init(
        plan: DemoPlan, peers: Peers, issuer: TokenIssuer, progress: SeedProgress, isRehearsal: Bool = false,
        account: @escaping (DemoPlan.Person) async throws -> Account
    ) {
        self.plan = plan
        self.account = account
        self.peers = peers
        self.issuer = issuer
        self.progress = progress
        self.isRehearsal = isRehearsal
    }

    /// The number of steps that a plan takes.
    static func steps(of plan: DemoPlan) -> Int {
        plan.sellers.count + plan.buyers.count * 3 + plan.products.count + plan.orders.count * 2 + plan.reviews.count
    }

    /// Does all that is missing, or looks what that is.
    ///
    /// - Throws: ``CommandFailure``, `RPCError`: what was done until then stays, and is found by the next run.
    mutating func run() async throws -> DemoOutcome {
        for person in plan.sellers { sellers.append(try await open(person)) }
        for person in plan.buyers { buyers.append(try await open(person)) }
        try await findOrders()
        try await sell()
        for buyer in buyers { try await topUp(buyer) }
        if !isRehearsal { for (index, buyer) in buyers.enumerated() { try await like(index, buyer) } }
        try await order()
        for review in plan.reviews { try await post(review) }
        return outcome
    }

    /// Whether an account was made.
    var hasOpened: Bool { outcome.people.contains(where: \.isNew) }

    private mutating func open(_ person: DemoPlan.Person) async throws -> Int64 {
        let (found, isNew) = try await account(person)
        let id = found ?? missing()
        outcome.people.append(.init(id: id, person: person, isNew: isNew))
        progress.step(person.name)
        return id
    }

    private mutating func missing() -> Int64 {
        defer { nextMissing -= 1 }
        return nextMissing
    }

    // MARK: - Catalogue and customers

    /// Finds the plan's orders that are there: they go by the products' names, which orders keep whatever becomes of
    /// the products.
    private mutating func findOrders() async throws {
        for buyer in buyers where buyer > 0 {
            let reply = try await call(as: buyer) { peers in
                try await peers.orders.getOrders(.with { $0.userID = buyer })
            }
            orders[buyer] = DemoOrders(reply.orders)
        }
        var rest = orders
        for order in plan.orders { present.append(rest[buyers[order.buyer]]?.take(named(order.lines))) }
    }

    private func named(_ lines: [DemoPlan.Line]) -> [String: Int64] {
        Dictionary(lines.map { (plan.product($0.product).name, $0.quantity) }) { $0 + $1 }
    }

    private mutating func sell() async throws {
        let known = try await call(as: 1, .admin) { try await $0.products.getCategories(.init()) }.categories
        var found: [Int64: [String: Int64]] = [:]
        for seller in sellers where seller > 0 {
            let reply = try await call(as: seller) { peers in
                try await peers.products.getUserProducts(.with { $0.userID = seller })
            }
            found[seller] = Dictionary(reply.products.map { ($0.name, $0.id) }) { first, _ in first }
        }
        // Orders follow when all products of their size are there: one that is missing now was deleted, or renamed.
        let last = present.lastIndex { $0 != nil } ?? -1
        for (place, product) in plan.products.enumerated() {
            let seller = sellers[product.seller]
            if let id = found[seller]?[product.name] {
                outcome.catalogue.append(id)
                outcome.products.found += 1
            } else if place <= last {
                outcome.catalogue.append(nil)
                outcome.skipped.products += 1
            } else if isRehearsal {
                outcome.catalogue.append(missing())
                outcome.products.made += 1
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
        if buyer > 0, try await hasMoney(buyer) {
            outcome.topUps.found += 1
        } else if isRehearsal {
            outcome.topUps.made += 1
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
            guard let product = products[place] else { continue }
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
            guard let product = products[line.product] else { continue }
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
        let buyer = buyers[review.buyer]
        guard let product = products[review.product] else {
            outcome.skipped.reviews += 1
            return progress.step("no review of a product that is gone")
        }
        if isRehearsal {
            outcome.reviews += 1
            return progress.step("a review")
        }
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
        var placed: [Orders_Order] = []
        for (index, order) in plan.orders.enumerated() {
            let buyer = buyers[order.buyer]
            let lines = order.lines.compactMap { line in
                products[line.product].map { (product: $0, quantity: line.quantity) }
            }
            if let found = present[index] {
                placed.append(found)
                outcome.orders.found += 1
            } else if lines.count < order.lines.count {
                outcome.skipped.orders += 1
            } else if isRehearsal {
                outcome.orders.made += 1
            } else {
                // One that was rejected is placed anew, under a key of its own.
                let attempt = orders[buyer]?.rejections(of: named(order.lines)) ?? 0
                if let made = try await place(lines, for: buyer, key: "demo-\(plan.seed)-order-\(index)-\(attempt)") {
                    placed.append(made)
                    outcome.orders.made += 1
                } else {
                    outcome.orders.found += 1
                }
            }
            progress.step("an order of user \(buyer)")
        }
        if !isRehearsal { try await settle(placed) }
    }

    /// - Returns: Nil if the key has an order already, of what was on sale then.
    private mutating func place(
        _ lines: [(product: Int64, quantity: Int64)], for buyer: Int64, key: String
    ) async throws -> Orders_Order? {
        do {
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
            return reply.order
        } catch  where ServiceError(mapping: error).reason == "idempotency_key_reused" {
            return nil
        }
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

/// A buyer's orders, by the names and numbers of what was ordered.
struct DemoOrders {
    private var standing: [[String: Int64]: [Orders_Order]] = [:]
    private var rejected: [[String: Int64]: Int] = [:]

    init(_ orders: [Orders_Order]) {
        for order in orders {
            let lines = Dictionary(order.products.map { ($0.name, $0.quantity) }) { $0 + $1 }
            if order.state == OrderState.rejected.rawValue {
                rejected[lines, default: 0] += 1
            } else {
                standing[lines, default: []].append(order)
            }
        }
    }

    /// An order of these lines that was not rejected; each once.
    mutating func take(_ lines: [String: Int64]) -> Orders_Order? { standing[lines]?.popLast() }

    /// The number of orders of these lines that were rejected.
    func rejections(of lines: [String: Int64]) -> Int { rejected[lines] ?? 0 }
}
