import ShopProtos

/// A page of what moved a user's balance, the latest first. Amounts are minor units of `currency`.
struct StatementBody: JSONWritable, Sendable {
    struct Entry: JSONWritable, Sendable {
        let id: Int64
        /// `top_up`, `hold`, `release`, `sale`, `refund`, `refunded`, ….
        let kind: String
        /// The gain of the spendable balance; negative for what it lost.
        let amount: Int64
        /// The spendable balance after it.
        let balance: Int64
        /// Absent if it is not about one.
        let orderID: Int64?
        /// RFC 3339, UTC.
        let createdAt: String

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.member("amount", amount)
                json.member("balance", balance)
                json.member("created_at", createdAt)
                json.member("id", id)
                json.member("kind", kind)
                json.member("order_id", ifPresent: orderID)
            }
        }
    }

    let entries: [Entry]
    let currency: String
    let nextCursor: NextCursor

    init(_ page: Cart_GetStatementResponse) {
        self.entries = page.entries.map { entry in
            Entry(
                id: entry.id, kind: entry.kind, amount: entry.amount, balance: entry.balance,
                orderID: entry.orderID.presence, createdAt: entry.createdAt)
        }
        self.currency = page.currency
        self.nextCursor = NextCursor(page.nextCursor)
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("currency", currency)
            json.member("entries", entries)
            json.member("next_cursor", nextCursor)
        }
    }
}

/// The amount set aside for orders that are not settled yet. Amounts are minor units of `currency`.
struct HoldsBody: JSONWritable, Sendable {
    struct Hold: JSONWritable, Sendable {
        let orderID: Int64
        let amount: Int64
        /// RFC 3339, UTC.
        let createdAt: String

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.member("amount", amount)
                json.member("created_at", createdAt)
                json.member("order_id", orderID)
            }
        }
    }

    let holds: [Hold]
    let currency: String

    init(_ answer: Cart_GetHoldsResponse) {
        self.holds = answer.holds.map { hold in
            Hold(orderID: hold.orderID, amount: hold.amount, createdAt: hold.createdAt)
        }
        self.currency = answer.currency
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("currency", currency)
            json.member("holds", holds)
        }
    }
}
