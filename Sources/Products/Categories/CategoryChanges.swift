import Events
import Hosting

/// Makes, renames and deletes categories.
struct CategoryChanges: Sendable {
    let store: ProductStore
    let transactor: Transactor
    let observers: Observers<CategoryChanged>

    /// - Parameter isRehearsal: Whether only the checks are made, as in the others.
    /// - Throws: ``ServiceError`` `category_exists`, or `invalid_category` for a name that is none.
    func create(_ name: String, because reason: String, asRehearsal isRehearsal: Bool) async throws {
        try Self.check(name, "name")
        let reason = try AuditTrail.reason(reason)
        try await transactor.run(asRehearsal: isRehearsal) { work in
            guard try await store.insertCategory(name, in: work.transaction) else {
                throw ServiceError.categoryExists(name)
            }
            try await note("category.create \(name)", because: reason, in: work)
            try await observers.notify(CategoryChanged(products: []), in: work)
        }
    }

    /// Gives a category another name, and its products with it, those that are not on sale any more included.
    ///
    /// - Returns: How many products it has on sale.
    /// - Throws: ``ServiceError``: `category_not_found`, `category_exists` or `invalid_category`.
    func rename(
        _ name: String, to newName: String, because reason: String, asRehearsal isRehearsal: Bool
    ) async throws -> Int64 {
        try Self.check(newName, "new_name")
        let reason = try AuditTrail.reason(reason)
        return try await transactor.run(asRehearsal: isRehearsal) { work in
            guard try await store.lockCategory(name, in: work.transaction) else {
                throw ServiceError.categoryMissing(name)
            }
            guard try await store.insertCategory(newName, in: work.transaction) else {
                throw ServiceError.categoryExists(newName)
            }
            let products = try await store.moveProducts(from: name, to: newName, in: work.transaction)
            try await store.deleteCategory(name, in: work.transaction)
            try await note("category.rename \(name) \(newName)", because: reason, in: work)
            try await observers.notify(CategoryChanged(products: products), in: work)
            return Int64(products.count)
        }
    }

    /// - Throws: ``ServiceError``: `category_not_found`, or `category_in_use` while products are in it that are on sale
    ///   or may be again.
    func delete(_ name: String, because reason: String, asRehearsal isRehearsal: Bool) async throws {
        let reason = try AuditTrail.reason(reason)
        try await transactor.run(asRehearsal: isRehearsal) { work in
            guard try await store.lockCategory(name, in: work.transaction) else {
                throw ServiceError.categoryMissing(name)
            }
            let count = try await store.productsInUse(of: name, in: work.transaction)
            guard count == 0 else {
                throw ServiceError.failedPrecondition(
                    "category_in_use", "\(count) \(count == 1 ? "product is" : "products are") in category \(name)")
            }
            try await store.forgetCategory(name, in: work.transaction)
            try await store.deleteCategory(name, in: work.transaction)
            try await note("category.delete \(name)", because: reason, in: work)
            try await observers.notify(CategoryChanged(products: []), in: work)
        }
    }

    /// A category belongs to no user, and has no number.
    private func note(_ action: String, because reason: String?, in work: UnitOfWork) async throws {
        try await AuditTrail.note(action, because: reason, userID: 0, subjectID: 0, in: work.transaction)
    }

    /// Passes for a name that a category may have: none that would be taken for a product's id, and none that a path
    /// has to escape.
    static func check(_ name: String, _ field: String) throws(ServiceError) {
        let bytes = Array(name.utf8)
        let isLetter: (UInt8) -> Bool = { (97...122).contains($0) }
        let isDigitOrDash: (UInt8) -> Bool = { (48...57).contains($0) || $0 == UInt8(ascii: "-") }
        guard let first = bytes.first, isLetter(first), bytes.count <= 50,
            bytes.allSatisfy({ isLetter($0) || isDigitOrDash($0) })
        else {
            throw .invalidArgument(
                "invalid_category",
                "\(field) must be a lower-case letter and then up to 49 lower-case letters, digits and dashes")
        }
    }
}

extension ServiceError {
    /// There is no category of that name to be changed.
    static func categoryMissing(_ name: String) -> ServiceError {
        .notFound("category_not_found", "there is no category '\(name.prefix(50))'")
    }

    /// There is a category of that name already.
    static func categoryExists(_ name: String) -> ServiceError {
        ServiceError(.alreadyExists, reason: "category_exists", message: "there is a category '\(name)' already")
    }
}
