import ShopProtos

/// A page of what moved a user's balance, the latest first. Amounts are minor units of `currency`.
struct StatementBody: Encodable, Sendable {
    struct Entry: Encodable, Sendable {
        enum CodingKeys: String, CodingKey {
            case id, kind, amount, balance
            case orderID = "order_id"
            case createdAt = "created_at"
        }

        let id: Int64
        /// `top_up`, `hold`, `release`, `sale`, `refund`, `refunded`, ….
        let kind: String
        /// What the spendable balance gained; negative for what it lost.
        let amount: Int64
        /// The spendable balance after it.
        let balance: Int64
        /// Absent if it is not about one.
        let orderID: Int64?
        /// RFC 3339, UTC.
        let createdAt: String
    }

    enum CodingKeys: String, CodingKey {
        case entries, currency
        case nextCursor = "next_cursor"
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
}

/// What is set aside for orders that are not settled yet. Amounts are minor units of `currency`.
struct HoldsBody: Encodable, Sendable {
    struct Hold: Encodable, Sendable {
        enum CodingKeys: String, CodingKey {
            case amount
            case orderID = "order_id"
            case createdAt = "created_at"
        }

        let orderID: Int64
        let amount: Int64
        /// RFC 3339, UTC.
        let createdAt: String
    }

    let holds: [Hold]
    let currency: String

    init(_ answer: Cart_GetHoldsResponse) {
        self.holds = answer.holds.map { hold in
            Hold(orderID: hold.orderID, amount: hold.amount, createdAt: hold.createdAt)
        }
        self.currency = answer.currency
    }
}
