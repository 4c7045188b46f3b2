import Events
import GRPCCore
import Hosting
import ShopContracts
import ShopProtos
import SwiftProtobuf

/// The RPCs of `reviews.Reviews`: validate, authorise, call the store.
struct ReviewsService: Reviews_Reviews.SimpleServiceProtocol {
    /// The most reviews the listing without pages gives.
    private static let listingLimit: Int64 = 1000
    private static let listing = "reviews:latest"

    let store: ReviewStore
    let ratings: RatingCache
    let transactor: Transactor
    let products: any Products_Products.ClientProtocol
    let saved: Observers<ReviewSaved>
    let deleted: Observers<ReviewDeleted>

    func getProductReviews(
        request: Reviews_GetProductReviewsRequest, context: ServerContext
    ) async throws -> Reviews_GetProductReviewsResponse {
        try RequestChecks.positive(request.productID, "product_id")
        let reviews = try await store.reviews(ofProduct: request.productID, limit: Self.listingLimit)
        return .with { $0.reviews = reviews.map(\.message) }
    }

    func listReviews(
        request: Reviews_ListReviewsRequest, context: ServerContext
    ) async throws -> Reviews_ListReviewsResponse {
        try RequestChecks.positive(request.productID, "product_id")
        let page = try Page<ReviewStore.Position>(
            size: request.pageSize, cursor: request.cursor, of: Self.listing)
        let rows = try await store.reviews(
            ofProduct: request.productID, after: page.after ?? .start, limit: page.size + 1)
        let (reviews, nextCursor) = page.cut(rows, of: Self.listing) {
            ReviewStore.Position(createdAt: $0.createdAt, id: $0.id)
        }
        return .with {
            $0.reviews = reviews.map(\.message)
            $0.nextCursor = nextCursor
        }
    }

    func postReview(
        request: Reviews_PostReviewRequest, context: ServerContext
    ) async throws -> Reviews_PostReviewResponse {
        let identity = try Identity.required()
        let draft = try ReviewDraft(request)
        try identity.requireOwner(of: draft.userID)
        let product = try await products.getOneProduct(
            .with {
                $0.id = draft.productID
                $0.fresh = true
            }
        ).product
        let id = try await transactor.run { work in
            let review = try await store.save(draft, by: identity.subject, in: work.transaction)
            if review.change != .none {
                try await AuditTrail.note(
                    "review.post", userID: draft.userID, subjectID: review.id, in: work.transaction)
                try await saved.notify(ReviewSaved(review: review, draft: draft, product: product), in: work)
            }
            return review.id
        }
        return .with { $0.id = id }
    }

    func deleteReview(
        request: Reviews_DeleteReviewRequest, context: ServerContext
    ) async throws -> Reviews_DeleteReviewResponse {
        try await delete(request, asRehearsal: false)
        return .with { $0.status = "ok" }
    }

    func checkDeleteReview(
        request: Reviews_DeleteReviewRequest, context: ServerContext
    ) async throws -> Reviews_DeleteReviewResponse {
        try await delete(request, asRehearsal: true)
        return .with { $0.status = "ok" }
    }

    private func delete(_ request: Reviews_DeleteReviewRequest, asRehearsal isRehearsal: Bool) async throws {
        let identity = try Identity.required()
        try RequestChecks.positive(request.id, "id")
        let reason = try AuditTrail.reason(request.reason)
        try await transactor.run(asRehearsal: isRehearsal) { work in
            guard let review = try await store.lock(request.id, in: work.transaction) else {
                throw ServiceError.notFound("review_not_found", "there is no review \(request.id)")
            }
            try identity.requireOwner(of: review.userID)
            try await store.delete(review, by: identity.subject, in: work.transaction)
            try await AuditTrail.note(
                "review.delete", because: reason, userID: review.userID, subjectID: review.id, in: work.transaction)
            try await deleted.notify(ReviewDeleted(review: review), in: work)
        }
    }

    func getAverageEvaluation(
        request: Reviews_GetAverageEvaluationRequest, context: ServerContext
    ) async throws -> Reviews_GetAverageEvaluationResponse {
        try RequestChecks.positive(request.productID, "product_id")
        return try await ratings.rating(ofProduct: request.productID).message
    }

    /// The answer of ``getAverageEvaluation(request:context:)`` in its form on the wire, in which it is kept.
    func encodedAverage(_ request: Reviews_GetAverageEvaluationRequest) async throws -> EncodedMessage {
        try RequestChecks.positive(request.productID, "product_id")
        return try await ratings.encodedRating(ofProduct: request.productID)
    }
}
