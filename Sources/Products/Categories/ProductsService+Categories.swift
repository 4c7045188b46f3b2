import GRPCCore
import Hosting
import ShopProtos
import SwiftProtobuf

/// The RPCs of `products.Products` by which categories are managed.
extension ProductsService {
    func listCategories(
        request: Products_ListCategoriesRequest, context: ServerContext
    ) async throws -> Products_ListCategoriesResponse {
        let found = try await store.countedCategories()
        return .with { $0.categories = found.map { Self.category($0.name, products: $0.products) } }
    }

    func createCategory(
        request: Products_CreateCategoryRequest, context: ServerContext
    ) async throws -> Products_CreateCategoryResponse {
        try await create(request, asRehearsal: false)
    }

    func checkCreateCategory(
        request: Products_CreateCategoryRequest, context: ServerContext
    ) async throws -> Products_CreateCategoryResponse {
        try await create(request, asRehearsal: true)
    }

    func renameCategory(
        request: Products_RenameCategoryRequest, context: ServerContext
    ) async throws -> Products_RenameCategoryResponse {
        try await rename(request, asRehearsal: false)
    }

    func checkRenameCategory(
        request: Products_RenameCategoryRequest, context: ServerContext
    ) async throws -> Products_RenameCategoryResponse {
        try await rename(request, asRehearsal: true)
    }

    func deleteCategory(
        request: Products_DeleteCategoryRequest, context: ServerContext
    ) async throws -> Products_DeleteCategoryResponse {
        try await delete(request, asRehearsal: false)
    }

    func checkDeleteCategory(
        request: Products_DeleteCategoryRequest, context: ServerContext
    ) async throws -> Products_DeleteCategoryResponse {
        try await delete(request, asRehearsal: true)
    }

    private func create(
        _ request: Products_CreateCategoryRequest, asRehearsal isRehearsal: Bool
    ) async throws -> Products_CreateCategoryResponse {
        try Identity.required().require(anyOf: .admin)
        try await categories.create(request.name, because: request.reason, asRehearsal: isRehearsal)
        return .with { $0.category = Self.category(request.name, products: 0) }
    }

    private func rename(
        _ request: Products_RenameCategoryRequest, asRehearsal isRehearsal: Bool
    ) async throws -> Products_RenameCategoryResponse {
        try Identity.required().require(anyOf: .admin)
        let name = try ProductFields.category(request.name)
        let products = try await categories.rename(
            name, to: request.newName, because: request.reason, asRehearsal: isRehearsal)
        return .with { $0.category = Self.category(request.newName, products: products) }
    }

    private func delete(
        _ request: Products_DeleteCategoryRequest, asRehearsal isRehearsal: Bool
    ) async throws -> Products_DeleteCategoryResponse {
        try Identity.required().require(anyOf: .admin)
        let name = try ProductFields.category(request.name)
        try await categories.delete(name, because: request.reason, asRehearsal: isRehearsal)
        return .with { $0.status = "ok" }
    }

    private static func category(_ name: String, products: Int64) -> Products_Category {
        .with {
            $0.name = name
            $0.products = products
        }
    }
}
