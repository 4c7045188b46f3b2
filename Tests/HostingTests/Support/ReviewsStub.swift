import GRPCCore
import ServiceContextModule
import ShopProtos
import SwiftProtobuf
import Telemetry

@testable import Hosting

/// A small service with the reviews' wire: what it does for a product is the test's matter.
struct ReviewsStub: Reviews_Reviews.SimpleServiceProtocol {
    /// What a handler could see of its call.
    struct Seen: Sendable {
        var identity: Identity?
        var token: String?
        var requestID: String?
        var trace: TraceContext?
    }

    let seen = Notes<Seen>()
    /// Runs when the reviews of a product are asked for.
    var onList: @Sendable (Int64) async throws -> Void = { _ in }
    /// Runs when a review is to be deleted.
    var onDelete: @Sendable () async throws -> Void = {}

    func getProductReviews(
        request: Reviews_GetProductReviewsRequest, context: ServerContext
    ) async throws -> Reviews_GetProductReviewsResponse {
        seen.add(
            Seen(
                identity: Identity.current, token: Identity.currentToken, requestID: CallContext.current?.requestID,
                trace: ServiceContext.current?.traceContext))
        try await onList(request.productID)
        var response = Reviews_GetProductReviewsResponse()
        response.reviews = [Reviews_Review.with { $0.productID = request.productID }]
        return response
    }

    func postReview(
        request: Reviews_PostReviewRequest, context: ServerContext
    ) async throws -> Reviews_PostReviewResponse {
        let identity = try Identity.required()
        try identity.requireOwner(of: request.userID)
        return .with { $0.id = identity.subject }
    }

    func deleteReview(
        request: Reviews_DeleteReviewRequest, context: ServerContext
    ) async throws -> Reviews_DeleteReviewResponse {
        try await onDelete()
        return .with { $0.status = "ok" }
    }

    func listReviews(
        request: Reviews_ListReviewsRequest, context: ServerContext
    ) async throws -> Reviews_ListReviewsResponse {
        .init()
    }

    func getAverageEvaluation(
        request: Reviews_GetAverageEvaluationRequest, context: ServerContext
    ) async throws -> Reviews_GetAverageEvaluationResponse {
        try Identity.required().require(anyOf: .admin, .service)
        return .with { $0.count = 1 }
    }

    func searchReviews(
        request: Reviews_SearchReviewsRequest, context: ServerContext
    ) async throws -> Reviews_SearchReviewsResponse {
        .init()
    }

    func checkDeleteReview(
        request: Reviews_DeleteReviewRequest, context: ServerContext
    ) async throws -> Reviews_DeleteReviewResponse {
        .init()
    }
}
