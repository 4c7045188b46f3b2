import ShopProtos

/// A product to be put on sale.
struct NewProduct: JSONReadable, Sendable {
    static let members = ["name", "amount", "price", "category", "description", "photo_url"]

    let name: String
    let amount: Int64
    let price: Int64
    let category: String
    let description: String
    /// Empty for none.
    let photoURL: String

    init(_ json: JSONObject) throws(Problem) {
        self.name = try json.string("name")
        self.amount = try json.integer("amount")
        self.price = try json.integer("price")
        self.category = try json.string("category")
        self.description = try json.optionalString("description") ?? ""
        self.photoURL = try json.optionalString("photo_url") ?? ""
        var checks = FieldChecks()
        checks.product(
            name: name, amount: amount, atLeast: 1, price: price, category: category, description: description,
            photoURL: photoURL)
        try checks.finish()
    }
}

/// Changes of a product; what is nil stays.
struct ProductChange: JSONReadable, Sendable {
    static let members = ["name", "amount", "change", "price", "category", "description", "photo_url"]

    let name: String?
    let amount: Int64?
    /// Units that come to the stock or, below zero, go from it; not together with an amount.
    let change: Int64?
    let price: Int64?
    let category: String?
    let description: String?
    /// Empty to take the photo away.
    let photoURL: String?

    /// A photo of null is taken away; no other field may be null.
    init(_ json: JSONObject) throws(Problem) {
        self.name = json.contains("name") ? try json.string("name") : nil
        self.amount = json.contains("amount") ? try json.integer("amount") : nil
        self.change = json.contains("change") ? try json.integer("change") : nil
        self.price = json.contains("price") ? try json.integer("price") : nil
        self.category = json.contains("category") ? try json.string("category") : nil
        self.description = json.contains("description") ? try json.string("description") : nil
        if json.isNull("photo_url") {
            self.photoURL = ""
        } else {
            self.photoURL = try json.optionalString("photo_url")
        }
        var checks = FieldChecks()
        checks.product(
            name: name, amount: amount, atLeast: 0, price: price, category: category, description: description,
            photoURL: photoURL)
        if let change {
            checks.amount(change, -Limits.stock...Limits.stock, "change")
            checks.require(change != 0, "change", "must not be zero")
            checks.require(amount == nil, "change", "must not stand beside amount: one of them says how many units")
        }
        checks.require(
            Self.members.contains(where: json.contains), "the body",
            "must have one of \(Self.members.joined(separator: ", "))")
        try checks.finish()
    }
}

extension FieldChecks {
    /// The fields of a product, those that are given.
    ///
    /// - Parameter least: The fewest units: what is new has some, what is on sale may run out.
    fileprivate mutating func product(
        name: String?, amount: Int64?, atLeast least: Int64, price: Int64?, category: String?, description: String?,
        photoURL: String?
    ) {
        if let name { publicText(name, "name", length: 1...200) }
        if let amount { self.amount(amount, least...Limits.stock, "amount") }
        if let price { self.amount(price, 1...Limits.price, "price") }
        if let category { publicText(category, "category", length: 1...100) }
        if let description { publicText(description, "description", length: 0...10_000, multiline: true) }
        if let photoURL { self.photoURL(photoURL, "photo_url") }
    }
}

/// A product as clients see it. The price is in minor units of `currency`.
struct ProductBody: JSONWritable, Sendable {
    let id: Int64
    let name: String
    /// Units that can be bought now.
    let amount: Int64
    let price: Int64
    let currency: String
    let category: String
    let description: String
    /// The seller.
    let userID: Int64
    /// Absent if there is none.
    let photoURL: String?
    /// RFC 3339, UTC.
    let createdAt: String?
    let updatedAt: String?

    init(_ product: Products_Product) {
        self.id = product.id
        self.name = product.name
        self.amount = product.amount
        self.price = product.price
        self.currency = product.currency
        self.category = product.category
        self.description = product.description_p
        self.userID = product.userID
        self.photoURL = product.photoURL.presence
        self.createdAt = product.createdAt.presence
        self.updatedAt = product.updatedAt.presence
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("amount", amount)
            json.member("category", category)
            json.member("created_at", ifPresent: createdAt)
            json.member("currency", currency)
            json.member("description", description)
            json.member("id", id)
            json.member("name", name)
            json.member("photo_url", ifPresent: photoURL)
            json.member("price", price)
            json.member("updated_at", ifPresent: updatedAt)
            json.member("user_id", userID)
        }
    }
}
