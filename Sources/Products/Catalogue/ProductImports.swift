import Events
import Hosting
import Postgres
import ShopProtos
import SwiftProtobuf

/// Puts many products on sale, in one transaction.
struct ProductImports: Sendable {
    /// The most products at once.
    static let limit = 1000

    let store: ProductStore
    let transactor: Transactor
    let observers: Observers<ProductsPosted>
    /// Currency of the products' prices.
    let currency: String

    /// Posts all products, or none if one has a fault; of those that keep going the ones without.
    ///
    /// - Parameter isRehearsal: Whether only the checks are made.
    /// - Throws: ``ServiceError`` for what is no product's own fault.
    func post(
        _ request: Products_PostProductsRequest, by caller: Identity, asRehearsal isRehearsal: Bool
    ) async throws -> Products_PostProductsResponse {
        guard (1...Self.limit).contains(request.products.count) else {
            throw ServiceError.invalidArgument("too_many_products", "name 1 to \(Self.limit) products at once")
        }
        let reason = try AuditTrail.reason(request.reason)
        var drafts: [(index: Int, draft: ProductDraft)] = []
        var faults: [Products_ProductFault] = []
        for (index, product) in request.products.enumerated() {
            let found = ProductDraft.faults(of: product, currency: currency, by: caller)
            if found.isEmpty {
                drafts.append((index, try ProductDraft(product, currency: currency)))
            } else {
                faults += found.map { $0.message(at: index) }
            }
        }
        let (posted, isStrict) = (drafts, !request.keepGoing)
        let early = faults
        return try await transactor.run(asRehearsal: isRehearsal) { work in
            var faults = early
            let known = try await store.lockCategories(Set(posted.map(\.draft.category)), in: work.transaction)
            faults += posted.filter { !known.contains($0.draft.category) }.map {
                ProductDraft.Fault(field: "category", error: .unknownCategory($0.draft.category)).message(at: $0.index)
            }
            faults.sort { $0.index < $1.index }
            let good = posted.filter { known.contains($0.draft.category) }
            guard !good.isEmpty, faults.isEmpty || !isStrict else { return .with { $0.faults = faults } }
            let ids = try await store.insert(good.map(\.draft), in: work.transaction)
            try await note(Array(zip(ids, good.map(\.draft))), because: reason, in: work)
            var all = [Int64](repeating: 0, count: request.products.count)
            for (item, id) in zip(good, ids) { all[item.index] = id }
            let (answer, told) = (all, faults)
            return .with {
                $0.ids = answer
                $0.faults = told
            }
        }
    }

    private func note(
        _ posted: [(id: Int64, draft: ProductDraft)], because reason: String?, in work: UnitOfWork
    ) async throws {
        var deeds: [(actor: AuditTrail.Actor, subjectID: Int64)] = []
        for (id, draft) in posted {
            if let actor = try AuditTrail.Actor(on: draft.sellerID) { deeds.append((actor, id)) }
        }
        if !deeds.isEmpty {
            try await work.transaction.query(AuditTrail.insertion("product.post", because: reason, deeds))
        }
        try await observers.notify(
            ProductsPosted(productIDs: posted.map(\.id), categories: posted.map(\.draft.category)), in: work)
    }
}

extension ProductDraft {
    /// The fault that keeps a product from being posted.
    struct Fault {
        /// As in the request.
        let field: String
        let error: ServiceError

        func message(at index: Int) -> Products_ProductFault {
            .with {
                $0.index = Int64(index)
                $0.field = field
                $0.reason = error.reason
                $0.message = error.message
            }
        }
    }

    /// All faults of a product, in the order of its fields.
    static func faults(
        of request: Products_PostProductRequest, currency: String, by caller: Identity
    ) -> [Fault] {
        var faults: [Fault] = []
        func check(_ field: String, _ body: () throws(ServiceError) -> Void) {
            do throws(ServiceError) {
                try body()
            } catch {
                faults.append(Fault(field: field, error: error))
            }
        }
        check("user_id") { () throws(ServiceError) in
            guard request.userID > 0 else {
                throw .invalidArgument("invalid_product", "user_id must be more than zero")
            }
            try caller.requireOwner(of: request.userID)
        }
        check("name") { () throws(ServiceError) in _ = try ProductFields.name(request.name) }
        check("description") { () throws(ServiceError) in _ = try ProductFields.description(request.description_p) }
        check("category") { () throws(ServiceError) in _ = try ProductFields.category(request.category) }
        check("price") { () throws(ServiceError) in _ = try ProductFields.price(request.price) }
        check("currency") { () throws(ServiceError) in
            guard request.currency.isEmpty || request.currency == currency else {
                throw .invalidArgument("invalid_product", "currency must be \(currency), that of the shop, or empty")
            }
        }
        check("amount") { () throws(ServiceError) in _ = try ProductFields.amount(request.amount, atLeast: 1) }
        check("photo_url") { () throws(ServiceError) in _ = try ProductFields.photoURL(request.photoURL) }
        return faults
    }
}
