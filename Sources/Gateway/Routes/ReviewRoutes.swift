import HTTPTypes
import Hosting
import Hummingbird
import ShopProtos

/// Reviews and ratings: read under `/api/products/{product}`, written under `/api/reviews`.
struct ReviewRoutes: Sendable {
    private struct NewReview: JSONReadable {
        static let members = ["text", "evaluation", "product_id"]

        let text: String
        let evaluation: Int64
        let productID: Int64

        init(_ json: JSONObject) throws(Problem) {
            self.text = try json.string("text")
            self.evaluation = try json.integer("evaluation")
            self.productID = try json.integer("product_id")
            var checks = FieldChecks()
            checks.publicText(text, "text", length: 1...4000, multiline: true)
            checks.require((1...5).contains(evaluation), "evaluation", "must be 1 to 5")
            checks.positive(productID, "product_id")
            try checks.finish()
        }
    }

    private struct ReviewReference: JSONReadable {
        static let members = ["id"]

        let id: Int64

        init(_ json: JSONObject) throws(Problem) {
            self.id = try json.integer("id")
            var checks = FieldChecks()
            checks.positive(id, "id")
            try checks.finish()
        }
    }

    private struct ReviewBody: JSONWritable {
        let id: Int64
        let text: String
        let evaluation: Int64
        let productID: Int64
        let userID: Int64
        /// Whether the author has bought the product, and not sent the order back.
        let verifiedPurchase: Bool
        /// RFC 3339, UTC.
        let createdAt: String?
        let updatedAt: String?

        init(_ review: Reviews_Review) {
            self.id = review.id
            self.text = review.text
            self.evaluation = review.evaluation
            self.productID = review.productID
            self.userID = review.userID
            self.verifiedPurchase = review.verifiedPurchase
            self.createdAt = review.createdAt.presence
            self.updatedAt = review.updatedAt.presence
        }

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.member("created_at", ifPresent: createdAt)
                json.member("evaluation", evaluation)
                json.member("id", id)
                json.member("product_id", productID)
                json.member("text", text)
                json.member("updated_at", ifPresent: updatedAt)
                json.member("user_id", userID)
                json.member("verified_purchase", verifiedPurchase)
            }
        }
    }

    private struct List: JSONWritable {
        let reviews: [ReviewBody]
        let nextCursor: NextCursor

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.member("next_cursor", nextCursor)
                json.member("reviews", reviews)
            }
        }
    }

    private struct Rating: JSONWritable {
        let productID: Int64
        /// 0 while there is no review.
        let average: Double
        let count: Int64
        let sum: Int64

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.member("average", average)
                json.member("count", count)
                json.member("product_id", productID)
                json.member("sum", sum)
            }
        }
    }

    let reviews: any Reviews_Reviews.ClientProtocol
    let catalogue: CatalogueCache

    func add(to table: inout RouteTable) {
        table.get("/api/products/:product/reviews", .everyone) { request, context in
            try await list(QueryParameters(request), of: try context.id("product"))
        }
        table.get("/api/products/:product/rating", .everyone) { _, context in
            try await rating(of: try context.id("product"))
        }
        table.post("/api/reviews", .signedIn) { request, _ in
            try await create(request)
        }
        // Whose it is, the reviews service knows; it checks that against the token.
        table.delete("/api/reviews", .signedIn) { request, _ in
            try await delete(try await JSONBody.read(ReviewReference.self, from: request).id)
        }
        table.delete("/api/reviews/:id", .signedIn) { _, context in
            try await delete(try context.id("id"))
        }
    }

    private func list(_ query: QueryParameters, of productID: Int64) async throws -> Response {
        var query = query
        var message = Reviews_ListReviewsRequest()
        message.productID = productID
        message.pageSize = query.limit()
        message.cursor = query.cursor()
        try query.finish()
        let page = try await reviews.listReviews(message)
        return .json(List(reviews: page.reviews.map(ReviewBody.init), nextCursor: NextCursor(page.nextCursor)))
    }

    private func rating(of productID: Int64) async throws -> Response {
        try await catalogue.response(.rating(productID)) {
            var message = Reviews_GetAverageEvaluationRequest()
            message.productID = productID
            let answer = try await reviews.getAverageEvaluation(message)
            // From the exact sum: the message's own average is a 32-bit float.
            let average = answer.count > 0 ? Double(answer.sum) / Double(answer.count) : 0
            return Rating(productID: productID, average: average, count: answer.count, sum: answer.sum)
        }
    }

    private func create(_ request: Request) async throws -> Response {
        let body = try await JSONBody.read(NewReview.self, from: request)
        var message = Reviews_PostReviewRequest()
        message.text = body.text
        message.evaluation = body.evaluation
        message.productID = body.productID
        message.userID = try Identity.required().subject
        defer { catalogue.ratingChanged(body.productID) }
        return .json(CreatedBody(id: try await reviews.postReview(message).id))
    }

    private func delete(_ id: Int64) async throws -> Response {
        var message = Reviews_DeleteReviewRequest()
        message.id = id
        // The answer does not say of which product.
        defer { catalogue.ratingChanged(nil) }
        return .json(StatusBody(status: try await reviews.deleteReview(message).status))
    }
}
