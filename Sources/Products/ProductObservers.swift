import Events
import Metrics

/// A seller has put a product on sale.
struct ProductPosted: Sendable {
    let id: Int64
    let draft: ProductDraft
}

/// Counts new products.
struct CountPostedProducts: CommitObserver {
    func observe(_ event: ProductPosted) async throws {
        Counter(label: "shop_products_posted", dimensions: [("category", event.draft.category)]).increment()
    }
}
