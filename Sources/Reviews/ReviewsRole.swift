public import Events
public import Hosting
import Sagas
import ShopContracts

/// The reviews role, put together.
public enum ReviewsRole {
    /// The role's queues and what they receive.
    public static let topology = ServiceTopology(
        service: "reviews",
        bindings: ProductDeletion.definition.participantBindings + [OrderEvent.confirmed, OrderEvent.cancelled])

    public static func assemble(_ context: RoleContext) throws -> RoleAssembly {
        let (database, logger) = (context.database, context.logger)
        let retention = context.configuration.retention
        let messaging = Messaging(
            topology: topology, database: database, broker: try context.broker(), logger: logger)
        let store = RatingStore(database: database)
        let ratings = RatingCache(redis: context.redis, store: store)
        let service = ReviewsService(
            store: ReviewStore(database: database), ratings: ratings, transactor: messaging.transactor,
            products: context.peers.products,
            saved: Observers(
                inTransaction: [PublishReviewPosted()],
                afterCommit: [InvalidateRatings(cache: ratings), CountSavedReviews()]),
            deleted: Observers(afterCommit: [InvalidateRatings(cache: ratings), CountDeletedReviews()]))
        let deletion = ProductDeletionParticipant(
            store: store, observers: Observers(afterCommit: [InvalidateRatings(cache: ratings)]))
        return RoleAssembly(
            context,
            rpcServices: context.services(service, fromRedis: KeptRatings(service: service)),
            background: messaging.services(
                handlers: [ParticipantHandler(deletion, memory: retention.sagas, logger: logger), PurchaseHandler()]),
            chores: [
                Inbox.pruning, CommitMark.pruning,
                SagaRetention.participantPruning(keeping: retention.sagas),
                AuditTrail.pruning(keeping: retention.audit),
            ])
    }
}
