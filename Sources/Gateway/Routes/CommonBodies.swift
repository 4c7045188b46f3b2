/// The answer to something that was created: its id.
struct CreatedBody: JSONWritable, Sendable {
    let id: Int64

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("id", id)
        }
    }
}

/// The answer to something that was done and has nothing to tell.
struct StatusBody: JSONWritable, Sendable {
    var status = "ok"

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("status", status)
        }
    }
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
