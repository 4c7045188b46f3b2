import Events
import Metrics
import ShopContracts
import ShopProtos

/// Something after which the ratings of some products are others.
protocol RatingChange: Sendable {
    var productIDs: [Int64] { get }
}

/// A user has reviewed a product, or edited the review.
struct ReviewSaved: RatingChange {
    let review: ReviewStore.Saved
    let draft: ReviewDraft
    /// As it was on sale when the review was written.
    let product: Products_Product

    var productIDs: [Int64] { [draft.productID] }
}

/// A review has been deleted, by its author or an admin.
struct ReviewDeleted: RatingChange {
    let review: ReviewStore.Locked

    var productIDs: [Int64] { [review.productID] }
}

/// Products' reviews were hidden, shown again, or deleted with the products.
struct ProductsSwitched: RatingChange {
    let productIDs: [Int64]
}

/// Tells everyone else of a user's first review of a product: `review.posted`.
struct PublishReviewPosted: TransactionObserver {
    func observe(_ event: ReviewSaved, in work: UnitOfWork) async throws {
        guard event.review.isFirst else { return }
        work.send(
            try OutboxMessage(
                type: ReviewEvent.posted,
                body: ReviewEvent(
                    reviewID: event.review.id, productID: event.draft.productID, productName: event.product.name,
                    sellerID: event.product.userID, userID: event.draft.userID, evaluation: event.draft.evaluation)))
    }
}

/// Counts new and edited reviews.
struct CountSavedReviews: CommitObserver {
    func observe(_ event: ReviewSaved) async throws {
        Counter(label: "shop_reviews_saved", dimensions: [("change", event.review.change.rawValue)]).increment()
    }
}

/// Counts deleted reviews.
struct CountDeletedReviews: CommitObserver {
    func observe(_ event: ReviewDeleted) async throws {
        Counter(label: "shop_reviews_deleted").increment()
    }
}

/// Has ratings read from the database again.
struct InvalidateRatings<Event: RatingChange>: CommitObserver {
    let cache: RatingCache

    func observe(_ event: Event) async throws { await cache.invalidate(event.productIDs) }
}
