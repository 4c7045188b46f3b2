import Events
public import Logging
public import Postgres
public import Redis
public import Sagas
import ShopContracts

/// The coordinators of the sagas about products.
public enum ProductSagas {
    /// Those of a process that is no replica of the role, an operator's command say.
    ///
    /// - Parameter redis: Where products are cached; nil leaves what is cached until it expires.
    public static func coordinators(
        database: PostgresClient, redis: RedisClient?, timing: SagaTiming, logger: Logger
    ) -> [SagaCoordinator] {
        let cache = ProductCache(store: ProductStore(database: database), redis: redis)
        return [deletions(timing, afterCommit: [InvalidateProducts(cache: cache)], logger)]
    }

    static func deletions(
        _ timing: SagaTiming, afterCommit: [any CommitObserver<ProductDeletionDecided>], _ logger: Logger
    ) -> SagaCoordinator {
        SagaCoordinator(
            ProductDeletion.definition, timing: timing,
            handler: ProductDeletionDecisionHandler(
                store: ProductDeletionStore(),
                observers: Observers(inTransaction: [PublishDeletionDecided()], afterCommit: afterCommit)),
            logger: logger)
    }
}
