import Events
import Metrics
import ShopContracts

/// Notifications have been written.
struct NotificationsWritten: Sendable {
    /// Each user with the highest sequence.
    let latest: [(userID: Int64, sequence: Int64)]
    let count: Int
}

/// Wakes everyone else, other replicas' watchers say: one `notification.created` a user, and one message for all of a
/// transaction. Who misses it looks by itself a little later.
struct PublishNotificationsCreated: TransactionObserver {
    func observe(_ event: NotificationsWritten, in work: UnitOfWork) async throws {
        for (userID, sequence) in event.latest {
            work.publish(
                try OutboxMessage(
                    type: NotificationEvent.created, mandatory: false,
                    body: NotificationEvent(userID: userID, sequence: sequence)))
        }
    }
}

/// Wakes those who watch in this process.
struct WakeNotificationFeed: CommitObserver {
    let feed: NotificationFeed

    func observe(_ event: NotificationsWritten) async throws {
        for (userID, _) in event.latest { feed.wake(userID) }
    }
}

/// Counts notifications.
struct CountNotifications: CommitObserver {
    func observe(_ event: NotificationsWritten) async throws {
        Counter(label: "shop_notifications_written").increment(by: Int64(event.count))
    }
}
