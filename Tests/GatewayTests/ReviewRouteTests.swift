import HTTPTypes
import Hosting
import ShopProtos
import SwiftProtobuf
import Testing

@testable import Gateway

@Suite struct ReviewRouteTests {
    private typealias Method = Reviews_Reviews.Method

    @Test func reviewsArePublicAndPage() async throws {
        let list = RPC(Method.ListReviews.descriptor) { (_: Reviews_ListReviewsRequest) in
            Reviews_ListReviewsResponse.with {
                $0.reviews = [.with { ($0.id, $0.text, $0.evaluation, $0.verifiedPurchase) = (1, "x", 5, true) }]
                $0.nextCursor = "n"
            }
        }
        try await InProcessGateway.with(list) { gateway async throws in
            let page = try await gateway.call(.get, "/api/products/7/reviews?limit=2&cursor=c")
            #expect(page.status == 200 && page.json["next_cursor"] == .string("n"))
            #expect(page.json["reviews"].elements.first?["verified_purchase"] == .bool(true))
            #expect(try await gateway.call(.get, "/api/products/toys/reviews").fields == ["product"])
            #expect(try await gateway.call(.get, "/api/products/7/reviews?limit=x").fields == ["limit"])
        }
        #expect(list.requests == [.with { ($0.productID, $0.pageSize, $0.cursor) = (7, 2, "c") }])
    }

    @Test func aRatingIsExact() async throws {
        let average = RPC(Method.GetAverageEvaluation.descriptor) { (_: Reviews_GetAverageEvaluationRequest) in
            Reviews_GetAverageEvaluationResponse.with { ($0.count, $0.sum, $0.average) = (3, 10, 3.3) }
        }
        try await InProcessGateway.with(average) { gateway async throws in
            let answer = try await gateway.call(.get, "/api/products/7/rating")
            #expect(answer.json["average"] == .number("\(10.0 / 3)") && answer.json["sum"] == .number("10"))
        }
    }

    @Test func aReviewIsDeletedByPathOrByBody() async throws {
        let delete = RPC(Method.DeleteReview.descriptor) { (_: Reviews_DeleteReviewRequest) in
            Reviews_DeleteReviewResponse.with { $0.status = "ok" }
        }
        try await InProcessGateway.with(delete) { gateway async throws in
            #expect(try await gateway.call(.delete, "/api/reviews/5", as: 2).body == #"{"status":"ok"}"#)
            #expect(try await gateway.call(.delete, "/api/reviews", as: 2, #"{"id":6}"#).body == #"{"status":"ok"}"#)
            #expect(try await gateway.call(.delete, "/api/reviews", as: 2, #"{"id":0}"#).fields == ["id"])
            #expect(try await gateway.call(.delete, "/api/reviews/x", as: 2).fields == ["id"])
            #expect(try await gateway.call(.delete, "/api/reviews/5").status == 401)
        }
        #expect(delete.requests.map(\.id) == [5, 6])
    }

    @Test(arguments: [
        (#"{"text":"","evaluation":5,"product_id":7}"#, ["text"]),
        (#"{"text":"x","evaluation":6,"product_id":0}"#, ["evaluation", "product_id"]),
        (#"{"text":"x","evaluation":0,"product_id":7}"#, ["evaluation"]),
        (#"{"evaluation":1,"product_id":7}"#, ["text"]),
    ])
    func aReviewIsReadStrictly(_ body: String, _ fields: [String]) async throws {
        let answer = try await InProcessGateway(peers: Peers(local: [])).call(.post, "/api/reviews", as: 2, body)
        #expect(answer.status == 400 && answer.fields == fields)
    }

    @Test func aReviewHasAtMost4000Characters() async throws {
        @Sendable func body(_ count: Int) -> String {
            #"{"text":"\#(String(repeating: "ё", count: count))","evaluation":5,"product_id":7}"#
        }
        let post = RPC(Method.PostReview.descriptor) { (_: Reviews_PostReviewRequest) in
            Reviews_PostReviewResponse.with { $0.id = 9 }
        }
        try await InProcessGateway.with(post) { gateway async throws in
            #expect(try await gateway.call(.post, "/api/reviews", as: 2, body(4000)).body == #"{"id":9}"#)
            #expect(try await gateway.call(.post, "/api/reviews", as: 2, body(4001)).fields == ["text"])
        }
        #expect(post.requests.map(\.userID) == [2])
    }
}
