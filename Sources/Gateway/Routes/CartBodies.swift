import ShopProtos

/// A product to be added to a cart.
struct NewCartLine: JSONReadable, Sendable {
    static let members = ["product_id", "amount", "user_id"]

    let productID: Int64
    let amount: Int64
    /// Absent: the caller.
    let userID: Int64?

    init(_ json: JSONObject) throws(Problem) {
        self.productID = try json.integer("product_id")
        self.amount = try json.integer("amount")
        self.userID = try json.optionalInteger("user_id")
        var checks = FieldChecks()
        checks.positive(productID, "product_id")
        checks.amount(amount, 1...Limits.quantity, "amount")
        try checks.finish()
    }
}

/// The number of units of a product that a cart is to hold; 0 for none.
struct CartAmount: JSONReadable, Sendable {
    static let members = ["amount"]

    let amount: Int64

    init(_ json: JSONObject) throws(Problem) {
        self.amount = try json.integer("amount")
        var checks = FieldChecks()
        checks.amount(amount, 0...Limits.quantity, "amount")
        try checks.finish()
    }
}

/// The lines that a guest had in a cart before signing in.
struct GuestCart: JSONReadable, Sendable {
    static let members = ["lines"]

    /// The most lines a cart that is merged may have.
    static let lineLimit = 200

    let lines: [Cart_MergeCartRequest.Line]

    init(_ json: JSONObject) throws(Problem) {
        var lines: [Cart_MergeCartRequest.Line] = []
        for entry in try json.objects("lines", limit: Self.lineLimit, members: ["product_id", "amount"]) {
            var line = Cart_MergeCartRequest.Line()
            line.productID = try entry.integer("product_id")
            line.amount = try entry.integer("amount")
            lines.append(line)
        }
        self.lines = lines

        var checks = FieldChecks()
        checks.require(!lines.isEmpty, "lines", "must have at least one entry")
        for (index, line) in lines.enumerated() {
            checks.positive(line.productID, "lines[\(index)].product_id")
            checks.amount(line.amount, 1...Limits.quantity, "lines[\(index)].amount")
        }
        try checks.finish()
    }
}

/// The answer to a merge.
struct MergedCart: JSONWritable, Sendable {
    let status: String
    /// Products that are not on sale any more.
    let leftOut: [Int64]

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("left_out", leftOut)
            json.member("status", status)
        }
    }
}

/// A cart as clients see it. Amounts of money are minor units of `currency`.
struct CartBody: JSONWritable, Sendable {
    struct Line: JSONWritable, Sendable {
        let productID: Int64
        let amount: Int64
        /// As on sale now; name and price are absent where the product is gone.
        let name: String?
        let price: Int64?
        /// Units that can be bought now.
        let inStock: Int64
        /// The reason why the line cannot be bought as it is: a stable code; absent if it can.
        let unavailable: String?

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.member("amount", amount)
                json.member("in_stock", inStock)
                json.member("name", ifPresent: name)
                json.member("price", ifPresent: price)
                json.member("product_id", productID)
                json.member("unavailable", ifPresent: unavailable)
            }
        }
    }

    let userID: Int64
    let lines: [Line]
    /// Of the lines that can be bought.
    let total: Int64
    let currency: String

    init(_ cart: Cart_GetCartResponse, of userID: Int64) {
        self.userID = userID
        self.lines = cart.lines.map { line in
            Line(
                productID: line.productID, amount: line.amount, name: line.name.presence,
                price: line.name.isEmpty ? nil : line.price, inStock: line.inStock,
                unavailable: line.unavailable.presence)
        }
        self.total = cart.total
        self.currency = cart.currency
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("currency", currency)
            json.member("lines", lines)
            json.member("total", total)
            json.member("user_id", userID)
        }
    }
}
