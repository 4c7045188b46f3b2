public import Events
public import Hosting
import Sagas
import ShopContracts

/// The customers role, put together.
public enum CustomersRole {
    /// The role's queues and what they receive.
    public static let topology = ServiceTopology(
        service: "customers",
        bindings: OrderPlacement.definition.participantBindings + OrderCancellation.definition.participantBindings
            + ProductDeletion.definition.participantBindings + ShopEvent.types)

    public static func assemble(_ context: RoleContext) throws -> RoleAssembly {
        let (database, broker, logger) = (context.database, try context.broker(), context.logger)
        let (products, currency) = (context.peers.products, context.configuration.currency)
        let retention = context.configuration.retention
        let messaging = Messaging(topology: topology, database: database, broker: broker, logger: logger)
        let transactor = messaging.transactor
        let ledger = Ledger(database: database)
        let cartStore = CartStore(database: database)
        let versions = CartVersions(redis: context.redis)
        let notifications = NotificationStore(database: database)
        let feed = NotificationFeed(store: notifications)
        let carts = Carts(
            store: cartStore, transactor: transactor,
            observers: Observers(
                inTransaction: [NoteCartForAudit()],
                afterCommit: [RaiseCartVersions(versions: versions), CountCartChanges()]),
            products: products)
        let customers = CustomersService(
            carts: carts, merge: CartMerge(carts: carts, database: database),
            view: CartView(store: cartStore, products: products, currency: currency), ledger: ledger,
            statements: StatementStore(database: database),
            topUps: TopUps(
                ledger: ledger, transactor: transactor,
                observers: Observers(inTransaction: [NoteTopUpForAudit()], afterCommit: [CountTopUps()]),
                currency: currency),
            currency: currency)
        let liked = LikedService(
            store: LikedStore(database: database), transactor: transactor,
            observers: Observers(inTransaction: [NoteFavouritesForAudit()], afterCommit: [CountFavouritesChanges()]),
            products: products)
        let events = ShopEventHandler(
            observers: Observers(
                inTransaction: [
                    RemovePurchasedLines(
                        store: cartStore, observers: Observers(afterCommit: [RaiseCartVersions(versions: versions)])),
                    WriteNotifications(
                        store: notifications,
                        observers: Observers(
                            inTransaction: [PublishNotificationsCreated()],
                            afterCommit: [WakeNotificationFeed(feed: feed), CountNotifications()])),
                ],
                afterCommit: [CountShopEvents()]))
        let deletion = ProductDeletionParticipant(
            observers: Observers(afterCommit: [RaiseCartVersions(versions: versions)]))
        return RoleAssembly(
            context,
            rpcServices: [customers, liked, NotificationsService(store: notifications, feed: feed)],
            background: messaging.services(
                handlers: [
                    ParticipantHandler(
                        OrderPlacementParticipant(ledger: ledger), memory: retention.sagas, logger: logger),
                    ParticipantHandler(
                        OrderCancellationParticipant(ledger: ledger), memory: retention.sagas, logger: logger),
                    ParticipantHandler(deletion, memory: retention.sagas, logger: logger),
                    events,
                ])
                + [feed.subscription(broker: broker, logger: logger)],
            chores: [
                Inbox.pruning, CommitMark.pruning, IdempotencyKeys.pruning, NotificationStore.pruning,
                SagaRetention.participantPruning(keeping: retention.sagas),
                AuditTrail.pruning(keeping: retention.audit),
            ])
    }
}
