import Hosting
import Hummingbird
import ShopProtos

/// What a user is told: `GET /api/notifications/{user_id}`. As it happens, ``WebSocketRoute`` tells it.
struct NotificationRoutes: Sendable {
    private struct List: Encodable {
        let notifications: [NotificationBody]
    }

    /// The longest page, and the usual one.
    private static let pageLimit: Int64 = 1000

    let notifications: any Notifications_Notifications.ClientProtocol

    func add(to table: inout RouteTable) {
        table.get("/api/notifications/:user_id", .signedIn) { request, context in
            var message = Notifications_GetUserNotificationsRequest()
            message.userID = try context.ownedUserID()
            var parameters = QueryParameters(request)
            message.after = parameters.integer("after", 0 ... .max) ?? 0
            message.pageSize = parameters.integer("limit", 1...Self.pageLimit) ?? 0
            try parameters.finish()
            let found = try await notifications.getUserNotifications(message)
            return .json(List(notifications: found.notifications.map(NotificationBody.init)))
        }
    }
}
