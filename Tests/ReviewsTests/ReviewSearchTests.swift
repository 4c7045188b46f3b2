import Hosting
import Postgres
import ShopHarness
import ShopProtos
import SwiftProtobuf
import Testing

@Suite(.serialized) struct ReviewSearchTests {
    @Test func reviewsAreFoundByProductAuthorAndTimeInBothOrders() async throws {
        try await Shop.open { shop in
            let cup = try await shop.sell(price: 1, amount: 1)
            let pot = try await shop.sell(price: 1, amount: 1)
            var ids: [Int64] = []
            for user in 1...3 as ClosedRange<Int64> { ids.append(try await shop.review(user, cup, 5)) }
            ids.append(try await shop.review(1, pot, 2))
            func found(_ change: (inout Reviews_SearchReviewsRequest) -> Void) async throws -> [Int64] {
                var (told, cursor): ([Int64], String) = ([], "")
                repeat {
                    var request = Reviews_SearchReviewsRequest()
                    change(&request)
                    request.pageSize = 2
                    request.cursor = cursor
                    let page = try await shop.peers.reviews.searchReviews(request)
                    told += page.reviews.map(\.id)
                    cursor = page.nextCursor
                    if cursor.isEmpty { #expect(page.total == Int64(told.count)) }
                } while !cursor.isEmpty
                return told
            }
            #expect(try await found { _ in } == ids.reversed())
            #expect(try await found { $0.ascending = true } == ids)
            #expect(try await found { $0.productID = cup } == ids.prefix(3).reversed())
            #expect(try await found { $0.userID = 1 } == [ids[3], ids[0]])
            #expect(try await found { $0.until = 1 } == [])
        }
    }

    @Test func aRehearsedDeletionKeepsTheReviewAndTheReasonOfARealOneIsKept() async throws {
        try await Shop.open { shop in
            let cup = try await shop.sell(price: 1, amount: 1)
            let id = try await shop.review(7, cup, 1)
            let request = Reviews_DeleteReviewRequest.with {
                $0.id = id
                $0.reason = "an insult"
            }
            _ = try await shop.as(1, .admin) { try await shop.peers.reviews.checkDeleteReview(request) }
            #expect(try await shop.rating(cup) == [1, 1])
            _ = try await shop.as(1, .admin) { try await shop.peers.reviews.deleteReview(request) }
            #expect(try await shop.rating(cup) == [0, 0])
            let actions = try await shop.reviewsDB.query("SELECT action || ' / ' || reason FROM audit_trail").decode(
                (String).self)
            #expect(actions == ["review.delete / an insult"])
            let outcome = await refusal {
                _ = try await shop.as(1, .admin) { try await shop.peers.reviews.checkDeleteReview(request) }
            }
            #expect(outcome == "not_found review_not_found")
        }
    }
}
