import Hosting
import ShopHarness
import ShopProtos
import SwiftProtobuf
import Testing

@Suite struct RatingTests {
    @Test func anEditedReviewCountsOnce() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 250, amount: 3)
            for evaluation in [2, 5] as [Int64] {
                try await shop.as(7) {
                    _ = try await shop.peers.reviews.postReview(
                        .with {
                            $0.text = "Pours well."
                            $0.evaluation = evaluation
                            $0.productID = product
                            $0.userID = 7
                        })
                }
            }
            let rating = try await shop.peers.reviews.getAverageEvaluation(.with { $0.productID = product })
            #expect(rating.count == 1)
            #expect(rating.average == 5)
        }
    }
}
