import ShopProtos

/// A request to buy. Which products, at what price, is the orders service's to judge; that it makes sense is ours.
struct NewOrder: JSONReadable, Sendable {
    static let members = ["items", "user_id"]

    /// The most items an order may have.
    static let itemLimit = 100

    struct Item: Sendable {
        static let members = ["product_id", "quantity", "price"]

        let productID: Int64
        let quantity: Int64
        /// The unit price the buyer was shown; absent, the present one will do.
        let price: Int64?
    }

    let items: [Item]
    /// Absent: the caller.
    let userID: Int64?

    init(_ json: JSONObject) throws(Problem) {
        var items: [Item] = []
        for entry in try json.objects("items", limit: Self.itemLimit, members: Item.members) {
            items.append(
                Item(
                    productID: try entry.integer("product_id"),
                    quantity: try entry.integer("quantity"),
                    price: try entry.optionalInteger("price")))
        }
        self.items = items
        self.userID = try json.optionalInteger("user_id")

        var checks = FieldChecks()
        checks.require(!items.isEmpty, "items", "must have at least one entry")
        for (index, item) in items.enumerated() {
            checks.positive(item.productID, "items[\(index)].product_id")
            checks.amount(item.quantity, 1...Limits.quantity, "items[\(index)].quantity")
            if let price = item.price { checks.positive(price, "items[\(index)].price") }
        }
        try checks.finish()
    }
}

/// An order as clients see it. Prices are in minor units of `currency`.
struct OrderBody: JSONWritable, Sendable {
    struct Item: JSONWritable, Sendable {
        let productID: Int64
        let name: String
        let quantity: Int64
        /// Per unit, as agreed.
        let productPrice: Int64
        let sellerID: Int64

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.member("name", name)
                json.member("product_id", productID)
                json.member("product_price", productPrice)
                json.member("quantity", quantity)
                json.member("seller_id", sellerID)
            }
        }
    }

    let id: Int64
    let userID: Int64
    /// `pending`, `confirmed`, `rejected`, `cancelling` or `cancelled`.
    let state: String
    /// The total.
    let price: Int64
    let currency: String
    let products: [Item]
    /// The reason why it was rejected: a stable code; absent otherwise.
    let reason: String?
    let reasonDetail: String?
    let sagaID: String?
    /// RFC 3339, UTC.
    let createdAt: String?
    /// Absent while it is pending.
    let decidedAt: String?
    let cancelledAt: String?
    /// The saga that cancels it, or did, or could not.
    let cancellationSagaID: String?
    /// The reason why the last cancellation came to nothing: a stable code.
    let cancellationReason: String?
    let cancellationReasonDetail: String?

    init(_ order: Orders_Order) {
        self.id = order.id
        self.userID = order.userID
        self.state = order.state
        self.price = order.price
        self.currency = order.currency
        self.products = order.products.map { product in
            Item(
                productID: product.productID, name: product.name, quantity: product.quantity,
                productPrice: product.productPrice, sellerID: product.sellerID)
        }
        self.reason = order.reason.presence
        self.reasonDetail = order.reasonDetail.presence
        self.sagaID = order.sagaID.presence
        self.createdAt = order.createdAt.presence
        self.decidedAt = order.decidedAt.presence
        self.cancelledAt = order.cancelledAt.presence
        self.cancellationSagaID = order.cancellationSagaID.presence
        self.cancellationReason = order.cancellationReason.presence
        self.cancellationReasonDetail = order.cancellationReasonDetail.presence
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("cancellation_reason", ifPresent: cancellationReason)
            json.member("cancellation_reason_detail", ifPresent: cancellationReasonDetail)
            json.member("cancellation_saga_id", ifPresent: cancellationSagaID)
            json.member("cancelled_at", ifPresent: cancelledAt)
            json.member("created_at", ifPresent: createdAt)
            json.member("currency", currency)
            json.member("decided_at", ifPresent: decidedAt)
            json.member("id", id)
            json.member("price", price)
            json.member("products", products)
            json.member("reason", ifPresent: reason)
            json.member("reason_detail", ifPresent: reasonDetail)
            json.member("saga_id", ifPresent: sagaID)
            json.member("state", state)
            json.member("user_id", userID)
        }
    }
}
