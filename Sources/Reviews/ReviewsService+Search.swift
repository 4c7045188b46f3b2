import GRPCCore
import Hosting
import ShopProtos
import SwiftProtobuf

/// The RPC of `reviews.Reviews` by which operators look through reviews.
extension ReviewsService {
    func searchReviews(
        request: Reviews_SearchReviewsRequest, context: ServerContext
    ) async throws -> Reviews_SearchReviewsResponse {
        guard request.productID >= 0, request.userID >= 0 else {
            throw ServiceError.invalidArgument("invalid_id", "product_id and user_id must not be negative")
        }
        let listing = request.ascending ? "reviews:oldest" : "reviews:newest"
        let page = try Page<Int64>(size: request.pageSize, cursor: request.cursor, of: listing)
        let selection = ReviewStore.Selection(
            productID: request.productID == 0 ? nil : request.productID,
            userID: request.userID == 0 ? nil : request.userID,
            period: try Period(
                since: request.hasSince ? request.since : nil, until: request.hasUntil ? request.until : nil),
            after: page.after, isAscending: request.ascending)
        let rows = try await store.reviews(selection, limit: page.size + 1)
        let total = try await store.count(selection)
        let (reviews, nextCursor) = page.cut(rows, of: listing, key: \.id)
        return .with {
            $0.reviews = reviews.map(\.message)
            $0.nextCursor = nextCursor
            $0.total = total
        }
    }
}
