import GRPCCore
import Hosting
import ShopProtos

/// The one stream of a gateway that carries the notifications of all its sessions.
typealias NotificationStream = SharedStream<
    Notifications_WatchNotificationsRequest, Notifications_WatchNotificationsResponse
>

extension NotificationStream {
    /// A stream from the service that has the notifications.
    static func watching(_ notifications: any Notifications_Notifications.ClientProtocol) -> NotificationStream {
        NotificationStream(number: \.id) { produce, read in
            try await notifications.watchNotifications(requestProducer: produce) { response in
                try await read(response.messages)
            }
        }
    }
}

extension ServiceError {
    /// The reason why the service has ended a subscription.
    init(_ failure: Notifications_WatchFailure) {
        self.init(Code(rawValue: failure.code) ?? .internal, reason: failure.reason, message: failure.message)
    }
}
