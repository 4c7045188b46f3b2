public import Hosting
public import Logging
public import Postgres
public import ShopProtos

/// The reviews role, put together.
public enum ReviewsRole {
    public static func assemble(
        database: PostgresClient, products: any Products_Products.ClientProtocol, logger: Logger
    ) -> RoleAssembly {
        RoleAssembly(
            .reviews,
            rpcServices: [ReviewsService(store: ReviewStore(database: database), products: products)],
            readiness: [ReadinessCheck("reviews.database") { try await database.ping() }],
            closing: [{ await database.close() }])
    }
}
