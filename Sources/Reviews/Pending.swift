import GRPCCore
import Hosting
import ShopProtos

extension ReviewsService {
    func deleteReview(
        request: Reviews_DeleteReviewRequest, context: ServerContext
    ) async throws -> Reviews_DeleteReviewResponse {
        throw RPCError(code: .unimplemented, message: "DeleteReview")
    }

    func listReviews(
        request: Reviews_ListReviewsRequest, context: ServerContext
    ) async throws -> Reviews_ListReviewsResponse {
        throw RPCError(code: .unimplemented, message: "ListReviews")
    }
}
