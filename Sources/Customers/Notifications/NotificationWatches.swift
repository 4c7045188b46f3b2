import GRPCCore
import Hosting
import ShopContracts
import ShopProtos
import SwiftProtobuf

/// The subscriptions of one `WatchNotifications` call.
struct NotificationWatches: Sendable {
    /// The most subscriptions of a call.
    static let limit = 20_000

    let feed: NotificationFeed
    let response: RPCWriter<Notifications_WatchNotificationsResponse>
    /// How long a call is kept without a subscription of somebody known.
    var patience: Duration = .seconds(30)

    /// Does what the caller asks for until it has nothing more to say.
    func run(_ requests: RPCAsyncSequence<Notifications_WatchNotificationsRequest, any Error>) async throws {
        let tasks = StreamTasks<Credits>(limit: Self.limit, patience: patience)
        try await tasks.serve {
            for try await request in requests {
                switch request.action {
                case .subscribe(let subscription):
                    let own = Credits(subscription.credit)
                    let isNew = tasks.start(request.id, with: own) { conversation in
                        await serve(request.id, subscription, own, conversation)
                    }
                    if !isNew { await refuse(request.id, Self.tooMany) }
                case .credit(let count):
                    tasks[request.id]?.add(count)
                case .unsubscribe:
                    tasks.stop(request.id)
                case nil:
                    break
                }
            }
        }
    }

    private static let tooMany = ServiceError.resourceExhausted(
        "too_many_subscriptions", "this call has too many subscriptions, or one of this id")

    private func serve(
        _ id: UInt64, _ subscription: Notifications_WatchSubscription, _ credits: Credits,
        _ conversation: StreamTasks<Credits>.Conversation
    ) async {
        do {
            try await follow(id, subscription, credits, conversation)
        } catch {
            if !Task.isCancelled { await refuse(id, ServiceError(mapping: error)) }
        }
    }

    private func follow(
        _ id: UInt64, _ subscription: Notifications_WatchSubscription, _ credits: Credits,
        _ conversation: StreamTasks<Credits>.Conversation
    ) async throws {
        let identity = try await Identity.verify(subscription.token)
        try await withIdentity(identity, token: subscription.token) { try RequestChecks.owner(subscription.userID) }
        conversation.admit()
        if subscription.hasAfter { try NotificationsService.checkAfter(subscription.after) }
        try await feed.follow(subscription.userID, after: subscription.hasAfter ? subscription.after : nil) { start in
            try await write(id) { $0.ready = .with { $0.after = start } }
        } deliver: { batch in
            for row in batch {
                try await credits.take()
                try await write(id) { $0.notification = row.message }
            }
        }
    }

    private func refuse(_ id: UInt64, _ error: ServiceError) async {
        // A caller that has gone hears nothing more.
        try? await write(id) {
            $0.failure = .with {
                $0.code = error.code.rawValue
                $0.reason = error.reason
                $0.message = error.message
            }
        }
    }

    private func write(
        _ id: UInt64, _ fill: (inout Notifications_WatchNotificationsResponse) -> Void
    ) async throws {
        var event = Notifications_WatchNotificationsResponse()
        event.id = id
        fill(&event)
        try await response.write(event)
    }
}
