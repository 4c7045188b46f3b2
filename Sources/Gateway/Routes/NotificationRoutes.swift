import Hosting
import Hummingbird
import ShopProtos

/// A user's notifications: `GET /api/notifications/{user_id}`. As it happens, ``WebSocketRoute`` tells it.
struct NotificationRoutes: Sendable {
    private struct List: JSONWritable {
        let notifications: [NotificationBody]
        /// The user's highest sequence, whatever was asked for; absent if the service does not tell.
        let lastSequence: Int64?

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.member("last_sequence", ifPresent: lastSequence)
                json.member("notifications", notifications)
            }
        }
    }

    /// The longest page, and the usual one.
    private static let pageLimit: Int64 = 1000

    let notifications: any Notifications_Notifications.ClientProtocol

    func add(to table: inout RouteTable) {
        table.get("/api/notifications/:user_id", .signedIn) { request, context in
            var message = Notifications_GetUserNotificationsRequest()
            message.userID = try context.ownedUserID()
            var parameters = QueryParameters(request)
            let after = parameters.integer("after", 0 ... .max)
            let limit = parameters.integer("limit", 1...Self.pageLimit)
            try parameters.finish()
            message.after = after ?? 0
            // Asked for neither, the service gives the latest; `after=0` is a place as well, the beginning.
            message.pageSize = limit ?? (after == nil ? 0 : Self.pageLimit)
            let found = try await notifications.getUserNotifications(message)
            return .json(
                List(
                    notifications: found.notifications.map(NotificationBody.init),
                    lastSequence: found.hasLastSequence ? found.lastSequence : nil))
        }
    }
}
