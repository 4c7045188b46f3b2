import Events
import FoundationEssentials
import Metrics
import Sagas
import ShopContracts

/// Something that readers of products can see.
protocol ProductsChanged: Sendable {
    /// The products that are no longer as they were.
    var productIDs: [Int64] { get }
}

/// A seller has put a product on sale.
struct ProductPosted: ProductsChanged {
    let id: Int64
    let draft: ProductDraft

    var productIDs: [Int64] { [id] }
}

/// Many products have been put on sale at once.
struct ProductsPosted: ProductsChanged {
    let productIDs: [Int64]
    /// The category of each.
    let categories: [String]
}

/// A category is new, is gone, or has another name: the lists that show it are no longer as they were.
struct CategoryChanged: ProductsChanged {
    /// Those that show its new name.
    let products: [Int64]

    /// No product has the id 0; a change of it has the lists read anew where no product has changed.
    var productIDs: [Int64] { products + [0] }
}

/// A product has been changed.
struct ProductUpdated: ProductsChanged {
    let product: Product

    var productIDs: [Int64] { [product.id] }
}

/// A product has been taken off sale to be deleted.
struct ProductDeletionStarted: ProductsChanged {
    let id: Int64

    var productIDs: [Int64] { [id] }
}

/// A product's deletion has been decided for, or against: then it is on sale again.
struct ProductDeletionDecided: ProductsChanged {
    let product: ProductDeletionStore.Settled
    let outcome: SagaOutcome

    var isDeleted: Bool { outcome.decision == .confirm }
    var productIDs: [Int64] { [product.id] }
}

/// Orders have reserved, taken, released or given back stock.
struct StockMoved: ProductsChanged {
    let productIDs: [Int64]
}

/// Has changed products read anew. Also a new one: that it did not exist may have been remembered.
struct InvalidateProducts<Event: ProductsChanged>: CommitObserver {
    let cache: ProductCache

    func observe(_ event: Event) async throws { await cache.invalidate(event.productIDs) }
}

/// Counts new products.
struct CountPostedProducts: CommitObserver {
    func observe(_ event: ProductPosted) async throws {
        Counter(label: "shop_products_posted", dimensions: [("category", event.draft.category)]).increment()
    }
}

/// Counts new products that came together.
struct CountPostedTogether: CommitObserver {
    func observe(_ event: ProductsPosted) async throws {
        for (category, products) in Dictionary(grouping: event.categories, by: { $0 }) {
            Counter(label: "shop_products_posted", dimensions: [("category", category)]).increment(by: products.count)
        }
    }
}

/// Counts how deletions end, by reason.
struct CountDecidedDeletions: CommitObserver {
    func observe(_ event: ProductDeletionDecided) async throws {
        Counter(
            label: "shop_product_deletions_decided",
            dimensions: [
                ("result", event.isDeleted ? "deleted" : "kept"), ("reason", event.outcome.refusal?.code ?? "none"),
            ]
        ).increment()
    }
}

/// Tells everyone else: `product.deleted` or `product.kept`.
struct PublishDeletionDecided: TransactionObserver {
    func observe(_ event: ProductDeletionDecided, in work: UnitOfWork) async throws {
        let type = event.isDeleted ? ProductEvent.deleted : ProductEvent.kept
        let outcome = event.outcome
        work.send(
            try OutboxMessage(
                type: type, messageID: MessageID.derived(saga: outcome.sagaID, source: "products", kind: type),
                correlationID: outcome.sagaID, causationID: outcome.causationID,
                traceparent: outcome.traceparent,
                body: ProductEvent(
                    productID: event.product.id, sellerID: event.product.sellerID, name: event.product.name,
                    reason: outcome.refusal.map { EventReason(code: $0.code, message: $0.message) })))
    }
}
