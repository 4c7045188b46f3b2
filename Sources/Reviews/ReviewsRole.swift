public import Events
public import Hosting
public import Logging
public import Postgres
public import RabbitMQ
public import Redis
import Sagas
import ShopContracts
public import ShopProtos

/// The reviews role, put together.
public enum ReviewsRole {
    /// The role's queues and what they receive.
    public static let topology = ServiceTopology(
        service: "reviews",
        bindings: ProductDeletion.definition.participantBindings + [OrderEvent.confirmed, OrderEvent.cancelled])

    public static func assemble(
        database: PostgresClient, broker: RabbitMQConfiguration, redis: RedisClient?,
        products: any Products_Products.ClientProtocol, retention: Retention = Retention(), logger: Logger
    ) -> RoleAssembly {
        let messaging = Messaging(topology: topology, database: database, broker: broker, logger: logger)
        let store = RatingStore(database: database)
        let ratings = RatingCache(redis: redis, store: store)
        let service = ReviewsService(
            store: ReviewStore(database: database), ratings: ratings, transactor: messaging.transactor,
            products: products,
            saved: Observers(
                inTransaction: [PublishReviewPosted()],
                afterCommit: [InvalidateRatings(cache: ratings), CountSavedReviews()]),
            deleted: Observers(afterCommit: [InvalidateRatings(cache: ratings), CountDeletedReviews()]))
        let deletion = ProductDeletionParticipant(
            store: store, observers: Observers(afterCommit: [InvalidateRatings(cache: ratings)]))
        return RoleAssembly(
            .reviews,
            rpcServices: [service],
            background: messaging.services(
                handlers: [ParticipantHandler(deletion, memory: retention.sagas, logger: logger), PurchaseHandler()])
                + [
                    Housekeeper(
                        database: database,
                        chores: [
                            Inbox.pruning, CommitMark.pruning,
                            SagaRetention.participantPruning(keeping: retention.sagas),
                            AuditTrail.pruning(keeping: retention.audit),
                        ], logger: logger)
                ],
            readiness: [ReadinessCheck("reviews.database") { try await database.ping() }],
            closing: [{ await database.close() }])
    }
}
