import GRPCCore
import Hosting
import ShopProtos
import SwiftProtobuf

/// The RPCs of `reviews.Reviews`: validate, authorise, call the store.
struct ReviewsService: Reviews_Reviews.SimpleServiceProtocol {
    /// The longest review, in characters.
    static let textLimit = 4000

    let store: ReviewStore
    let products: any Products_Products.ClientProtocol

    func getProductReviews(
        request: Reviews_GetProductReviewsRequest, context: ServerContext
    ) async throws -> Reviews_GetProductReviewsResponse {
        try Self.checkProductID(request.productID)
        let reviews = try await store.reviews(ofProduct: request.productID)
        return .with { $0.reviews = reviews }
    }

    func postReview(
        request: Reviews_PostReviewRequest, context: ServerContext
    ) async throws -> Reviews_PostReviewResponse {
        let identity = try Identity.required()
        try identity.requireOwner(of: request.userID)
        try Self.checkProductID(request.productID)
        guard (1...5).contains(request.evaluation) else {
            throw ServiceError.invalidArgument("invalid_evaluation", "evaluation must be 1 to 5")
        }
        guard (1...Self.textLimit).contains(request.text.unicodeScalars.count), !request.text.contains("\0") else {
            throw ServiceError.invalidArgument(
                "invalid_text", "text must have 1 to \(Self.textLimit) characters, and no NUL")
        }
        _ = try await products.getOneProduct(.with { $0.id = request.productID })
        let id = try await store.save(request)
        return .with { $0.id = id }
    }

    func getAverageEvaluation(
        request: Reviews_GetAverageEvaluationRequest, context: ServerContext
    ) async throws -> Reviews_GetAverageEvaluationResponse {
        try Self.checkProductID(request.productID)
        let (count, sum) = try await store.rating(ofProduct: request.productID)
        return .with {
            $0.average = count == 0 ? 0 : Float(sum) / Float(count)
            $0.count = count
            $0.sum = sum
        }
    }

    private static func checkProductID(_ id: Int64) throws(ServiceError) {
        guard id > 0 else { throw .invalidArgument("invalid_product_id", "product_id must be more than zero") }
    }
}
