/// The answer to something that was created: its id.
struct CreatedBody: Encodable, Sendable {
    let id: Int64
}

/// The answer to something that was done and has nothing to tell.
struct StatusBody: Encodable, Sendable {
    var status = "ok"
}

/// A product that a body names, and nothing else: what is to go from a cart or from favourites.
struct ProductReference: JSONReadable, Sendable {
    static let members = ["product_id"]

    let productID: Int64

    init(_ json: JSONObject) throws(Problem) {
        self.productID = try json.integer("product_id")
        var checks = FieldChecks()
        checks.positive(productID, "product_id")
        try checks.finish()
    }
}

extension String {
    /// The text, nil when it is empty: messages have no other way to say that something is not there.
    var presence: String? {
        isEmpty ? nil : self
    }
}

extension Int64 {
    /// The id, nil when it is 0: messages have no other way to say that something is not there.
    var presence: Int64? {
        self == 0 ? nil : self
    }
}
